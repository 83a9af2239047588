/** Takes results: verifies each, counts it once, answers 2xx. */
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

const { RESULT_SECRET: secret = '', PORT: port = '8080' } = process.env;
const webhook = new Webhook(secret); // whsec_…, the one that the workers have
const seen = new Set<string>(); // in your service: a unique key of your database

/** The HTTP status: whatever is not 2xx is posted again. */
async function take(request: IncomingMessage): Promise<number> {
  try {
    const body = await text(request); // as it came: that is what is signed
    const { type, data } = webhook.verify(body, request.headers as Record<string, string>) as {
      readonly type: string;
      readonly data: { readonly result?: unknown };
    };
    const id = String(request.headers['webhook-id']);
    console.log(seen.has(id) ? `${id} again` : `${id} ${type} ${JSON.stringify(data.result ?? null)}`);
    seen.add(id);
    return 204; // only once it is kept
  } catch (error) {
    console.log(`refused: ${(error as Error).message}`);
    return 400;
  }
}

const server = createServer((request, response) => {
  void take(request).then((status) => response.writeHead(status).end());
});
server.listen(Number(port), '127.0.0.1', () => console.log(`listening: ${JSON.stringify(server.address())}`));
