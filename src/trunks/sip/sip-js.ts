/** SIP.js: messages, transactions and dialogs. An ES module, loaded when the first call needs it. */
import { pathToFileURL } from 'node:url';
import type * as Core from 'sip.js/lib/core';
import { importModule } from '../../import-module';

/** The core of SIP.js, which knows no browser. */
export type SipJs = typeof Core;

let loading: Promise<SipJs> | undefined;

export function loadSipJs(): Promise<SipJs> {
  return (loading ??= importModule(pathToFileURL(require.resolve('sip.js/lib/core/index.js')).href).then((module) => {
    const sipJs = module as unknown as SipJs;
    keepTransactionsForUdp(sipJs.Timers);
    giveDialogsLogger(sipJs);
    keepOneTimerOfReInvites(sipJs);
    return sipJs;
  }));
}

/** SIP.js takes every transport for a reliable one, and forgets transactions too early to answer a retransmission (RFC 3261, 17.1.1.2, 17.2). */
function keepTransactionsForUdp(timers: SipJs['Timers']): void {
  Object.assign(timers, {
    TIMER_D: 64 * timers.T1,
    TIMER_I: timers.T4,
    TIMER_J: 64 * timers.T1,
    TIMER_K: timers.T4,
  });
}

/**
 * A dialog that a malformed message keeps from being made has no logger yet, and stays in SIP.js all the same: its timers and its end
 * would throw.
 */
function giveDialogsLogger({ LoggerFactory, SessionDialog }: SipJs): void {
  const factory = new LoggerFactory();
  factory.builtinEnabled = false;
  Object.assign(SessionDialog.prototype, { logger: factory.getLogger('sip.invite-dialog') });
}

/**
 * The 200 to a re-INVITE is sent again until its ACK comes. SIP.js forgets that timer when the next re-INVITE follows soon: the dialog's end
 * would not stop it, nor anything else.
 */
function keepOneTimerOfReInvites({ SessionDialog }: SipJs): void {
  const dialogs = SessionDialog.prototype as unknown as {
    invite2xxTimer: NodeJS.Timeout | undefined;
    startReInvite2xxRetransmissionTimer(): void;
  };
  const start = dialogs.startReInvite2xxRetransmissionTimer;
  dialogs.startReInvite2xxRetransmissionTimer = function (this: typeof dialogs): void {
    clearTimeout(this.invite2xxTimer);
    start.call(this);
  };
}
