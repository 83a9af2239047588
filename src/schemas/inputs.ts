/** What other languages may send. Validation proper also asks the queue, and is the engine's own. */
import { z } from 'zod';
import { callRequestSchema } from '../contacts/call-request';
import { maxInlineCalls } from '../contract';
import { callSchema, campaignSchema, time } from '../spec/schema';

const calls = {
  /** The calls themselves; more of them by `addCalls`. */
  calls: z.array(callRequestSchema).max(maxInlineCalls).optional(),
  /** Instead of `calls`: the number of a finished list in the contact store, 1 for a campaign's first. */
  list: z.int().min(1).optional(),
};

/** Input of the workflow `campaign`. */
export const campaignInputSchema = campaignSchema.safeExtend(calls).meta({
  title: 'Campaign',
  description:
    'Input of the workflow "campaign". Caller ID, application, secret and redial waits must also suit its queue.',
});

/** Input of the workflow `call`. */
export const callInputSchema = callSchema.meta({
  title: 'Call',
  description:
    'Input of the workflow "call": one call without a campaign, with a window of its own. Must also suit its queue.',
});

/** Input of the update `addCalls`. */
export const addCallsSchema = z.strictObject(calls).meta({
  title: 'Added calls',
  description: 'Input of a campaign\'s update "addCalls".',
  oneOf: [{ required: ['calls'] }, { required: ['list'] }],
});

/** Input of the signal and update `cancel`. */
export const cancelSchema = z
  .strictObject({
    /** Also hang up calls that are connected. */
    hangUp: z.boolean().default(false),
  })
  .meta({ title: 'Cancel', description: 'Input of the signal and update "cancel"; may be left out.' });

/** Input of the signal and update `extend`. */
export const extendSchema = z
  .strictObject({
    /** The new expiration, later than the present one. `null`: never. */
    expiresAt: time.nullable(),
  })
  .meta({ title: 'Extend', description: 'Input of the signal and update "extend".' });
