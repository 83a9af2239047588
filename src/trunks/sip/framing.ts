/** SIP messages out of a TCP stream: RFC 3261, 18.3. */

/** Larger than any message of a call; who sends more is no SIP server. */
const maxHeaderBytes = 64 * 1024;
const maxBodyBytes = 256 * 1024;

/** Cuts a stream into messages. */
export class MessageFraming {
  #rest: Buffer = Buffer.alloc(0);

  /**
   * The messages that are whole now.
   *
   * @throws RangeError where the stream is no SIP: nothing after that can be read
   */
  push(chunk: Buffer): string[] {
    let rest = Buffer.concat([this.#rest, chunk]);
    const messages: string[] = [];
    for (;;) {
      // Empty lines between messages keep connections open (RFC 5626, 3.5.1).
      let start = 0;
      while (rest[start] === 13 || rest[start] === 10) start++;
      rest = rest.subarray(start);
      const headerEnd = rest.indexOf('\r\n\r\n');
      if (headerEnd > maxHeaderBytes || (headerEnd < 0 && rest.length > maxHeaderBytes)) {
        throw new RangeError('a SIP message has too long a header');
      }
      if (headerEnd < 0) break;
      const bodyLength = contentLength(rest.toString('latin1', 0, headerEnd));
      const end = headerEnd + 4 + bodyLength;
      if (rest.length < end) break;
      messages.push(rest.toString('utf8', 0, end));
      rest = rest.subarray(end);
    }
    // A copy, so that a short rest does not hold on to all that came before.
    this.#rest = Buffer.from(rest);
    return messages;
  }
}

function contentLength(header: string): number {
  const found = /\r\n(?:content-length|l)[ \t]*:[ \t]*(\d+)[ \t]*(?:\r\n|$)/i.exec(header);
  const length = found ? Number(found[1]) : 0;
  if (length > maxBodyBytes) throw new RangeError('a SIP message has too long a body');
  return length;
}
