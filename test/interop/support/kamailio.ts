/** Kamailio as the outbound proxy in between: it stays on the route of every call, and may change the transport. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dieWithParent } from '../../../src/dev-server/die-with-parent';
import { eventually } from '../../support/eventually';
import { freeSipPort, isListening } from './ports';
import { killed } from './processes';

export interface Kamailio {
  /** Of UDP and TCP. */
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts it on a free port of 127.0.0.1. It sends every new call to the callees' port. */
export async function startKamailio(callees: { port: number; transport: 'udp' | 'tcp' }): Promise<Kamailio> {
  const folder = await mkdtemp(join(tmpdir(), 'outdial-kamailio-'));
  const port = await freeSipPort();
  await writeFile(join(folder, 'kamailio.cfg'), config(port, callees));
  const options = ['-f', join(folder, 'kamailio.cfg'), '-DD', '-E', '-Y', folder, '-n', '1', '-N', '1', '-m', '32'];
  const child = spawn('kamailio', options, { stdio: 'ignore', cwd: folder, detached: false });
  dieWithParent(child);
  const stop = async (): Promise<void> => {
    // Its processes end with the first one when it is asked; killed, it would leave them.
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await eventually(() => {
      if (child.exitCode !== null) throw new Error(`Kamailio ended with ${child.exitCode}, see ${folder}`);
      return isListening(port);
    });
  } catch (error) {
    await killed(child);
    throw error;
  }
  return { port, stop };
}

function config(port: number, callees: { port: number; transport: string }): string {
  return `#!KAMAILIO
debug=0
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
listen=udp:127.0.0.1:${port}
listen=tcp:127.0.0.1:${port}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
modparam("rr", "enable_double_rr", 1)

request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("OPTIONS") && !has_totag()) { sl_send_reply("200", "OK"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK") && t_check_trans()) { t_relay(); exit; }
    sl_send_reply("404", "Not here");
    exit;
  }
  t_check_trans();
  record_route();
  $du = "sip:127.0.0.1:${callees.port};transport=${callees.transport}";
  if (!t_relay()) sl_reply_error();
}
`;
}
