/** How each block of code in the documents is tested: page by page, in the page's order. */

/** A block that is a file, or a region of it, which a test runs. */
interface Shown {
  readonly file: string;
  readonly region?: string;
  readonly test: string;
}

/** A block that a test takes from the page and runs as it stands there. */
interface Taken {
  readonly test: string;
}

export type Account = Shown | Taken;

const programs: Taken = { test: 'test/docs/programs.test.ts' };
const commands: Taken = { test: 'test/docs/commands.test.ts' };
const firstCampaign: Taken = { test: 'test/docs/first-campaign.test.ts' };
const gatewayNative: Taken = { test: 'test/docs/gateway-native.test.ts' };
const gatewayPlum: Taken = { test: 'test/docs/gateway-plum.test.ts' };
const httpApplications: Taken = { test: 'test/docs/http-applications.test.ts' };
const twilio: Taken = { test: 'test/docs/twilio.test.ts' };
const upgrade: Taken = { test: 'test/versioning/upgrade.test.ts' };
const asterisk: Taken = { test: 'test/docs/asterisk.test.ts' };
const languages: Taken = { test: 'test/languages/guide.test.ts' };

const shown = (file: string, test: string, region?: string): Shown => ({ file, test, ...(region && { region }) });

export const registry: Readonly<Record<string, readonly Account[]>> = {
  'README.md': [programs, programs, programs],
  'docs/guides/applications.md': [
    shown('test/docs/applications.test.ts', 'test/docs/applications.test.ts', 'application'),
    shown('test/docs/applications.test.ts', 'test/docs/applications.test.ts', 'before-dial'),
  ],
  'docs/guides/asterisk.md': [asterisk, asterisk],
  'docs/guides/callee-types.md': [shown('examples/voicemail/voicemail.ts', 'test/examples/voicemail.test.ts')],
  'docs/guides/deploying.md': [upgrade, upgrade, upgrade],
  'docs/guides/embedding.md': [shown('examples/embed/main.ts', 'test/examples/embed.test.ts')],
  'docs/guides/encryption.md': [programs, programs],
  'docs/guides/first-campaign.md': Array<Account>(9).fill(firstCampaign),
  'docs/guides/gateway-native.md': Array<Account>(4).fill(gatewayNative),
  'docs/guides/gateway-plum.md': Array<Account>(8).fill(gatewayPlum),
  'docs/guides/http-applications.md': [
    httpApplications,
    shown('test/docs/http-applications.test.ts', 'test/docs/http-applications.test.ts', 'service'),
    httpApplications,
    httpApplications,
  ],
  'docs/guides/operate.md': [shown('test/operations/operate.test.ts', 'test/operations/operate.test.ts', 'metrics')],
  'docs/guides/other-languages.md': [languages, languages],
  'docs/guides/production.md': ['bundle', 'replay'].map((region) =>
    shown('test/docs/production.test.ts', 'test/docs/production.test.ts', region),
  ),
  'docs/guides/redials-and-windows.md': [
    shown('test/docs/redials-and-windows.test.ts', 'test/docs/redials-and-windows.test.ts', 'spec'),
  ],
  'docs/guides/results.md': [
    shown('examples/results/receiver.ts', 'test/examples/results.test.ts'),
    shown('examples/results/receiver.py', 'test/examples/results.test.ts'),
  ],
  'docs/guides/sip.md': [shown('test/docs/sip.test.ts', 'test/docs/sip.test.ts', 'trunk')],
  'docs/guides/storing.md': [
    { test: 'test/docs/storing.test.ts' },
    ...['store', 'prune'].map((region) => shown('test/docs/storing.test.ts', 'test/docs/storing.test.ts', region)),
  ],
  'docs/guides/testing.md': [shown('test/testing/three-weeks.test.ts', 'test/testing/three-weeks.test.ts')],
  'docs/guides/trunks.md': [shown('examples/embed/line-card.ts', 'test/examples/embed.test.ts')],
  'docs/guides/twilio.md': [twilio, twilio],
  'docs/reference/cli.md': [commands, commands],
  'docs/reference/config.md': [commands],
};
