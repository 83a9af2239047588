/** How the result of a call is written. */
import { type FinalCallRecord, ResultFormat } from '../contract';
import { devResult } from './plum-dev';
import { callDetails } from './plum-fuse';
import { eventBody, type WebhookBody } from './webhook';

/** The body that is posted to the call's `resultUrl`, in its `resultFormat`. */
export function bodyOfCall(record: FinalCallRecord): WebhookBody {
  const { resultFormat = ResultFormat.STANDARD_WEBHOOKS } = record;
  switch (resultFormat) {
    case ResultFormat.STANDARD_WEBHOOKS:
      return eventBody({
        type: `call.${record.state}`,
        timestamp: new Date(record.endedAt).toISOString(),
        data: published(record),
      });
    case ResultFormat.PLUM_DEV:
      return {
        contentType: 'application/x-www-form-urlencoded',
        text: new URLSearchParams(devResult(record)).toString(),
      };
    case ResultFormat.PLUM_FUSE:
      return { contentType: 'application/json', text: JSON.stringify({ call_details: callDetails(record) }) };
    default:
      return resultFormat satisfies never;
  }
}

/** A record without what concerns its delivery only. */
function published(record: FinalCallRecord): FinalCallRecord {
  const { delivery: _delivery, resultUrl: _url, resultSecret: _secret, ...data } = record;
  return data as FinalCallRecord;
}
