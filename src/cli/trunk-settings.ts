/** Trunks as the configuration file has them: one kind under its name, with the options of its factory. */
import { z } from 'zod';
import { readOptions as readAsteriskOptions } from '../trunks/asterisk/options';
import { calleeKinds } from '../trunks/simulated/callees';
import { readOptions as readSipOptions } from '../trunks/sip/options';
import { readOptions as readTwilioOptions } from '../trunks/twilio/options';

/** @param path - schema of a file's path @param secretOf - a reference to a secret of the schema */
export function trunkSettings(path: z.ZodType<string>, secretOf: (schema: z.ZodType<string>) => z.ZodType<string>) {
  const secret = secretOf(z.string().min(1, 'must not be empty'));
  const rtp = {
    host: z.string().optional(),
    rtpPorts: z.strictObject({ from: z.number(), to: z.number() }).optional(),
  };
  const kinds = {
    simulated: z.strictObject({
      speed: z.number().positive().optional(),
      seed: z.union([z.number(), z.string()]).optional(),
      mix: z.partialRecord(z.enum(calleeKinds), z.number().min(0)).optional(),
      ringMs: z.number().min(0).optional(),
      talkMs: z.number().min(0).optional(),
      ledger: path.optional(),
    }),
    asterisk: z
      .strictObject({
        url: z.string(),
        user: z.string(),
        password: secret,
        endpoint: z.string().optional(),
        app: z.string().optional(),
        record: z.boolean().optional(),
        ...rtp,
      })
      .superRefine(acceptedBy(readAsteriskOptions)),
    sip: z
      .strictObject({
        servers: z.array(z.string()),
        outboundProxy: z.string().optional(),
        username: z.string().optional(),
        password: secret.optional(),
        domain: z.string().optional(),
        ...rtp,
        codecs: z.array(z.enum(['PCMU', 'PCMA'])).optional(),
        rtpTimeoutMs: z.number().optional(),
        keepAliveMs: z.number().optional(),
      })
      .superRefine(acceptedBy(readSipOptions)),
    twilio: z
      .strictObject({
        accountSid: z.string(),
        authToken: secret.optional(),
        apiKey: z.strictObject({ sid: z.string(), secret }).optional(),
        baseUrl: z.string().optional(),
        url: z.string().optional(),
        machineDetection: z.enum(['Enable', 'DetectMessageEnd', 'off']).optional(),
        machineDetectionTimeoutMs: z.number().optional(),
        voice: z.string().optional(),
        language: z.string().optional(),
        msPerCharacter: z.number().optional(),
        pollMs: z.number().optional(),
        requestTimeoutMs: z.number().optional(),
        maxRequests: z.number().optional(),
      })
      .superRefine(acceptedBy(readTwilioOptions)),
  };
  return z
    .strictObject(kinds)
    .partial()
    .refine((given) => Object.keys(given).length === 1, `must be one of ${Object.keys(kinds).join(', ')}`);
}

/** A trunk, one of its kinds. */
export type TrunkSettings = z.output<ReturnType<typeof trunkSettings>>;

/** A trunk knows what is wrong with its options. An object as its input keeps secrets out of the message. */
function acceptedBy<T>(read: (options: T) => unknown): (options: T, context: z.core.$RefinementCtx) => void {
  return (options, context) => {
    try {
      read(options);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message, input: {} });
    }
  };
}
