"""Takes results: verifies each, counts it once, answers 2xx."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["RESULT_SECRET"])  # whsec_…, the one that the workers have
seen = set()  # in your service: a unique key of your database


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))  # as it came: that is what is signed
        try:
            event = webhook.verify(body, dict(self.headers))
        except WebhookVerificationError as error:
            print(f"refused: {error}", flush=True)
            return self.answer(400)
        id = self.headers["webhook-id"]
        print(f"{id} again" if id in seen else f"{id} {event['type']} {json.dumps(event['data'].get('result'))}", flush=True)
        seen.add(id)
        self.answer(204)  # only once it is kept

    def answer(self, status: int) -> None:
        """Whatever is not 2xx is posted again."""
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_) -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Receiver)
print(f"listening: {server.server_port}", flush=True)
server.serve_forever()
