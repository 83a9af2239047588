/** Who asks, and what is theirs. */
import { OutdialError } from '../errors';
import { SecretChecker, hashSecret } from './credentials';
import type { DeploymentSettings, GatewaySettings } from './settings';

/** A deployment, by its name. */
export interface Deployment extends DeploymentSettings {
  readonly name: string;
}

/** Whose requests are answered. Ids of campaigns and calls tell whose they are: `<account>_…`. */
export class Account {
  /** What the ids of the account begin with; empty where there are no accounts. */
  readonly idPrefix: string;

  constructor(
    /** undefined: there are no accounts, and everything is everybody's. */
    readonly name: string | undefined,
    readonly deployments: readonly Deployment[],
    /** May queue PCI calls. */
    readonly pci: boolean,
  ) {
    this.idPrefix = name === undefined ? '' : `${name}_`;
  }

  /** Whether the campaign or call is the account's. */
  owns(id: string): boolean {
    return id.startsWith(this.idPrefix);
  }
}

/** A secret of an account: `key` of HTTP Basic, `pin` of the DEV API. */
export type SecretKind = 'key' | 'pin';

/** All accounts of a gateway. */
export class Accounts {
  private readonly checker = new SecretChecker();
  /** Checked where there is no such login, so that the time it takes tells nothing. */
  private decoy: Promise<string> | undefined;

  /** @param queues - names of the queues, each a deployment where none is configured */
  constructor(
    private readonly settings: GatewaySettings,
    private readonly queues: () => Promise<readonly string[]>,
  ) {}

  /** Whether requests need credentials. */
  get required(): boolean {
    return Object.keys(this.settings.accounts).length > 0;
  }

  /** The account of the credentials; undefined when they are wrong. Where there are no accounts, everybody is the same one. */
  async authenticate(
    login: string | undefined,
    secret: string | undefined,
    kind: SecretKind,
  ): Promise<Account | undefined> {
    if (!this.required) return new Account(undefined, await this.allDeployments(), true);
    if (login === undefined || secret === undefined) return undefined;
    const [name, settings] = Object.entries(this.settings.accounts).find(([, known]) => known.login === login) ?? [];
    const hash = settings?.[kind];
    const right = await this.checker.matches(secret, hash ?? (await (this.decoy ??= hashSecret(''))));
    if (!right || hash === undefined || !settings) return undefined;
    const deployments = settings.deployments.map((deployment) => this.deployment(deployment));
    return new Account(name, deployments, settings.pci);
  }

  private deployment(name: string): Deployment {
    const settings = this.settings.deployments[name];
    if (!settings) throw new OutdialError('NOT_FOUND', `there is no deployment ${name}`);
    return { name, ...settings };
  }

  private async allDeployments(): Promise<Deployment[]> {
    const names = Object.keys(this.settings.deployments);
    if (names.length > 0) return names.map((name) => this.deployment(name));
    return (await this.queues()).map((queue) => ({ name: queue, queue, country: 'US', startUrls: [] }));
  }
}
