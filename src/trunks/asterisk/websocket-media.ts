/** Sound over a WebSocket of Asterisk's module chan_websocket. The channel ends with it. */
import type { AriChannel } from './ari-messages';
import type { OpenMedia } from './external-media';

/** Variable of a media channel that names its WebSocket. */
const connectionVariable = 'MEDIA_WEBSOCKET_CONNECTION_ID';
/** A second: Asterisk sends 20 ms at once. */
const maxSoundBytes = 16_000;

export const openWebSocketMedia: OpenMedia = async ({ ari, channelId, onSound }) => {
  const { body } = await ari.post<AriChannel>('/channels/externalMedia', {
    channelId,
    app: ari.app,
    external_host: 'INCOMING',
    transport: 'websocket',
    connection_type: 'server',
    encapsulation: 'none',
    format: 'slin',
  });
  const connection = body?.channelvars?.[connectionVariable];
  if (connection === undefined) return undefined;
  const socket = ari.mediaSocket(`/media/${connection}`, (data) => {
    if (data.length > maxSoundBytes) return;
    // Samples are aligned in memory of their own.
    onSound(new Int16Array(new Uint8Array(data.subarray(0, data.length & ~1)).buffer));
  });
  if (!(await socket.opened)) return undefined;
  return {
    lost: socket.closed,
    send: (frame) => frame && socket.send(new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength)),
    close: () => socket.close(),
  };
};
