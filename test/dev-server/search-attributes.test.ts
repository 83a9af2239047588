import { Client, Connection, type ConnectionLike } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection } from '@temporalio/worker';
import { SearchAttribute } from '../../src/contract/names';
import { startDevServer, type DevServer } from '../../src/dev-server';
import { ensureSearchAttributes } from '../../src/search-attributes';
import { temporalCliPath, timeSkippingServerPath } from '../support/server';

const names = Object.values(SearchAttribute);
const { INDEXED_VALUE_TYPE_KEYWORD, INDEXED_VALUE_TYPE_INT } = temporal.api.enums.v1.IndexedValueType;

async function list(connection: ConnectionLike): Promise<Record<string, unknown>> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
  return Object.fromEntries(names.map((name) => [name, customAttributes[name]]));
}

const complete = Object.fromEntries(names.map((name) => [name, INDEXED_VALUE_TYPE_KEYWORD]));

async function startWithAttribute(connection: ConnectionLike): Promise<void> {
  const key = defineSearchAttributeKey(SearchAttribute.QUEUE, 'KEYWORD');
  await new Client({ connection }).workflow.start('nothing', {
    taskQueue: 'nobody',
    workflowId: 'with-attribute',
    typedSearchAttributes: new TypedSearchAttributes([{ key, value: 'q' }]),
  });
}

describe('dev server without search attributes', () => {
  let server: DevServer;
  let connection: Connection;
  let native: NativeConnection;

  beforeEach(async () => {
    server = await startDevServer({ cli: temporalCliPath(), searchAttributes: {} });
    connection = await Connection.connect({ address: server.address });
    native = await NativeConnection.connect({ address: server.address });
  });
  afterEach(async () => {
    await connection?.close();
    await native?.close();
    await server?.kill();
  });

  test('adds what is missing, so that a workflow can start with it at once', async () => {
    expect(await list(connection)).not.toEqual(complete);
    await ensureSearchAttributes(connection, 'default');
    expect(await list(connection)).toEqual(complete);
    await startWithAttribute(connection);
    await ensureSearchAttributes(connection, 'default');
  });

  test("takes a worker's connection, and several at the same time", async () => {
    await Promise.all([ensureSearchAttributes(native, 'default'), ensureSearchAttributes(connection, 'default')]);
    expect(await list(native)).toEqual(complete);
  });

  test('an attribute of another type is an error', async () => {
    const searchAttributes = { [SearchAttribute.STATE]: INDEXED_VALUE_TYPE_INT };
    await connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes });
    await expect(ensureSearchAttributes(connection, 'default')).rejects.toThrow(/OutdialState .* another type/);
  });

  test('where adding is refused, names what is missing and the command', async () => {
    const searchAttributes = { [SearchAttribute.CAMPAIGN]: INDEXED_VALUE_TYPE_KEYWORD };
    await connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes });

    const ensure = ensureSearchAttributes(cloudLike(connection), 'default');
    await expect(ensure).rejects.toMatchObject({
      code: 'TEMPORAL',
      details: { missing: [SearchAttribute.QUEUE, SearchAttribute.STATE] },
    });
    await expect(ensure).rejects.toThrow(
      'temporal operator search-attribute create --namespace default ' +
        '--name OutdialQueue --type Keyword --name OutdialState --type Keyword',
    );
    await ensureSearchAttributes(connection, 'default');
    await ensureSearchAttributes(cloudLike(connection), 'default');
  });
});

test('adds them on the time-skipping server', async () => {
  const executable = { type: 'existing-path', path: timeSkippingServerPath() } as const;
  const env = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  try {
    await ensureSearchAttributes(env.connection, 'default');
    await ensureSearchAttributes(env.nativeConnection, 'default');
    // It can't list them, but starts no workflow with one that it does not know.
    await startWithAttribute(env.connection);
  } finally {
    await env.teardown();
  }
});

/** A connection to a server that refuses every operator call, as Temporal Cloud does. */
function cloudLike(connection: Connection): ConnectionLike {
  const refusal = { code: 7, details: 'Request unauthorized.', metadata: {} };
  const refuse = () => Promise.reject(Object.assign(new Error('7 PERMISSION_DENIED'), refusal));
  return {
    ...connection,
    workflowService: connection.workflowService,
    withDeadline: connection.withDeadline.bind(connection),
    operatorService: { listSearchAttributes: refuse, addSearchAttributes: refuse },
  } as unknown as ConnectionLike;
}
