/** Sound in RTP, for an Asterisk without chan_websocket. Its channel must be kept: it ends with nothing that ends here. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { pending } from '../pending';
import { RtpSession } from '../rtp/rtp-session';
import type { AriChannel } from './ari-messages';
import type { ExternalMedia, MediaSetup, OpenMedia } from './external-media';

/** Asterisk ends a channel that was not kept for so long: longer than calls wait for an Asterisk that is out of reach. */
const keptSeconds = 90;
const timeout = 'TIMEOUT(absolute)';

export const openRtpMedia: OpenMedia = async (setup) => {
  const { ari, settings, channelId, onSound } = setup;
  try {
    const host = settings.host ?? (await addressTowards(settings.url));
    // Digits come as ARI's events.
    const session = await RtpSession.open(settings.rtpPorts, { onAudio: onSound, onDigit: () => undefined });
    const query = { channelId, app: ari.app, transport: 'udp', encapsulation: 'rtp', format: 'ulaw' };
    const { body } = await ari.post<AriChannel>(
      '/channels/externalMedia',
      { ...query, external_host: `${host}:${session.port}` },
      { variables: { [timeout]: String(keptSeconds) } },
    );
    const remote = {
      host: body?.channelvars?.['UNICASTRTP_LOCAL_ADDRESS'],
      port: body?.channelvars?.['UNICASTRTP_LOCAL_PORT'],
    };
    if (remote.host === undefined || !(Number(remote.port) > 0)) {
      session.close();
      return undefined;
    }
    session.setRemote({
      host: remote.host,
      port: Number(remote.port),
      codec: 'PCMU',
      eventPayloadType: undefined,
      direction: 'sendrecv',
    });
    return keep(session, setup);
  } catch {
    return undefined; // No port is free, or the name of Asterisk's host is not known.
  }
};

/** Keeps the channel, and sees so whether it is there still. */
function keep(session: RtpSession, { ari, settings, channelId }: MediaSetup): ExternalMedia {
  const [lost, settleLost] = pending<void>();
  const timer = setInterval(() => {
    void ari
      .post(`/channels/${channelId}/variable`, { variable: timeout, value: keptSeconds })
      .then(({ status }) => status === 404 && settleLost());
  }, settings.times.lookMs);
  return {
    lost,
    send: (frame) => session.sendFrame(frame),
    close() {
      clearInterval(timer);
      session.close();
      settleLost();
    },
  };
}

/** IPv4 address of the interface that a host is reached by. Nothing is sent. */
async function addressTowards(url: string): Promise<string> {
  const { hostname, port, protocol } = new URL(url);
  const socket = createSocket('udp4');
  try {
    socket.connect(Number(port) || (protocol === 'https:' ? 443 : 80), hostname);
    await once(socket, 'connect');
    return socket.address().address;
  } finally {
    socket.close();
  }
}
