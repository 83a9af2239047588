/** What the callee's side changes while it talks: where its sound is, hold, codecs. */
import type { IncomingResponse, Session } from 'sip.js/lib/core';
import { RtpSession } from '../../../src/trunks/rtp/rtp-session';
import { simulatedNumber } from '../../../src/trunks/simulated';
import { offerOf, readSdp } from '../../../src/trunks/sip/sdp';
import type { TrunkCall } from '../../../src/trunks/trunk';
import { pending } from '../../../src/trunks/pending';
import { eventually } from '../../support/eventually';
import { closeLater, closeNetworks, requestTo, startNetwork } from './network';

afterEach(closeNetworks);

const codecs = ['PCMU', 'PCMA'] as const;
const bodyOf = (content: string) => ({ contentDisposition: 'session', contentType: 'application/sdp', content });

/** Where sound of the callee comes from. */
async function openSound(): Promise<RtpSession> {
  const rtp = await RtpSession.open(undefined, { onAudio: () => undefined, onDigit: () => undefined });
  closeLater(() => rtp.close());
  return rtp;
}

const offerFrom = ({ port }: RtpSession): string => offerOf({ host: '127.0.0.1', port, codecs });

interface Talk {
  readonly call: TrunkCall;
  /** What the trunk has offered. */
  readonly offer: string;
  /** Sends a re-INVITE, without a description where none is given; what it was answered. */
  readonly renegotiate: (sdp?: string) => Promise<IncomingResponse['message']>;
}

/** A call whose callee has answered with sound from there. Offers of the trunk are answered as told. */
async function talk(sound: RtpSession, answer?: string): Promise<Talk> {
  const [acknowledged, acknowledge] = pending<Session>();
  let offer = '';
  const { trunk } = await startNetwork({
    answers: (invite) => {
      offer = invite.message.body;
      const { session } = invite.accept({ statusCode: 200, body: bodyOf(offerFrom(sound)) });
      session.delegate = { onAck: () => acknowledge(session), onBye: (bye) => void bye.accept() };
      return true;
    },
  });
  const call = trunk.place(requestTo(simulatedNumber('voice')));
  const session = await acknowledged;
  return {
    call,
    offer,
    renegotiate: (sdp) =>
      new Promise((resolve) => {
        session.invite(
          {
            onAccept: ({ message, ack }) => {
              ack(sdp === undefined && answer !== undefined ? { body: bodyOf(answer) } : {});
              resolve(message);
            },
            onReject: ({ message }) => resolve(message),
          },
          { ...(sdp !== undefined && { body: bodyOf(sdp) }), extraHeaders: ['Contact: <sip:callee@127.0.0.1>'] },
        );
      }),
  };
}

/** A digit, all of its packets at once: who is heard late only would miss it. */
async function press(sound: RtpSession, trunkSdp: string, digit: string): Promise<void> {
  sound.setRemote(readSdp(trunkSdp, codecs));
  const sent = sound.sendDigit(digit);
  for (let frame = 0; frame < 20; frame++) sound.sendFrame(undefined);
  await sent;
}

test('re-INVITEs in quick succession, the last of them not yet acknowledged at the end, leave nothing behind', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const sound = await openSound();
  const { call, renegotiate } = await talk(sound);
  for (let n = 0; n < 3; n++) await renegotiate(offerFrom(sound));
  await call.hangUp();
  await closeNetworks();
  await eventually(() => timers() <= before, 5_000);
});

test('sound that a re-INVITE has moved is heard at once', async () => {
  const [before, after] = [await openSound(), await openSound()];
  const { call, offer, renegotiate } = await talk(before);
  await press(before, offer, '1');
  expect(await call.gather()).toBe('1');
  const { statusCode, body } = await renegotiate(offerFrom(after));
  expect(statusCode).toBe(200);
  await press(after, body, '2');
  expect(await call.gather({ timeoutMs: 1_000 })).toBe('2');
  await call.hangUp();
});

test('a re-INVITE that describes nothing gets an offer, and its ACK moves the sound', async () => {
  const [before, after] = [await openSound(), await openSound()];
  const { call, offer, renegotiate } = await talk(before, offerFrom(after));
  await press(before, offer, '1');
  expect(await call.gather()).toBe('1');
  const response = await renegotiate();
  expect([response.statusCode, response.body]).toEqual([200, offer]);
  await press(after, response.body, '2');
  expect(await call.gather({ timeoutMs: 1_000 })).toBe('2');
  await call.hangUp();
});

test.each([
  ['nothing', undefined],
  ['nothing in common', 'v=0'],
])('where the ACK says %s, the sound stays, and the next re-INVITE is taken', async (_what, answer) => {
  const [before, after] = [await openSound(), await openSound()];
  const { call, offer, renegotiate } = await talk(before, answer);
  expect((await renegotiate()).statusCode).toBe(200);
  await press(before, offer, '1');
  expect(await call.gather()).toBe('1');
  expect((await renegotiate(offerFrom(after))).statusCode).toBe(200);
  await press(after, offer, '2');
  expect(await call.gather({ timeoutMs: 1_000 })).toBe('2');
  await call.hangUp();
});

test('a description has one version more with each change, and says who is to be asked', async () => {
  const sound = await openSound();
  const { call, offer, renegotiate } = await talk(sound);
  const onHold = offerFrom(sound).replace('sendrecv', 'sendonly');
  const versions = [offer];
  for (const sdp of [onHold, onHold, undefined, offerFrom(sound)]) {
    const response = await renegotiate(sdp);
    expect(response.getHeader('contact')).toMatch(/^<sip:outdial@/);
    versions.push(response.body);
  }
  const origins = versions.map((sdp) => /^o=- (\d+ \d+) IN/m.exec(sdp)![1]!.split(' '));
  expect(origins.map(([, version]) => version)).toEqual(['1', '2', '2', '3', '4']);
  expect(new Set(origins.map(([session]) => session)).size).toBe(1);
  await call.hangUp();
});

test('a re-INVITE with no codec in common is refused', async () => {
  const sound = await openSound();
  const { call, offer, renegotiate } = await talk(sound);
  const { statusCode } = await renegotiate(offerFrom(sound).replace(/m=audio (\d+).*/, 'm=audio $1 RTP/AVP 18'));
  expect(statusCode).toBe(488);
  await press(sound, offer, '1');
  expect(await call.gather()).toBe('1');
  await call.hangUp();
});
