/** Lists that are uploaded: written to a file first, so that the order of a form's parts is free and nothing half is taken. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isAlive } from '../is-alive';
import type { Account } from './accounts';
import { GatewayError } from './errors';
import { OpenLimit } from './open-limit';
import type { GatewaySettings } from './settings';

/** An upload that is whole. */
export interface Upload {
  /** Fields of the form, the last of each name. */
  readonly fields: Readonly<Record<string, string>>;
  /** Where the file is, until the work on it is done; undefined where the form has none. */
  readonly path: string | undefined;
  /** Of fields and file, hex. */
  readonly sha256: string;
}

/** Of folders in the system's folder for temporary files; the process's id follows. */
const prefix = 'outdial-upload-';
const maxFieldBytes = 16_384;
const maxFields = 100;

export class Uploads {
  private readonly open: OpenLimit;

  private constructor(private readonly limits: GatewaySettings['limits']) {
    const message = `${limits.openUploads} uploads are open already: wait for one to end`;
    this.open = new OpenLimit(
      limits.openUploads,
      () => new GatewayError('TOO_MANY_UPLOADS', message, { 'retry-after': '5' }),
    );
  }

  static async register(app: FastifyInstance, { limits }: GatewaySettings): Promise<Uploads> {
    await app.register(multipart, {
      limits: {
        files: 1,
        fields: maxFields,
        fieldSize: maxFieldBytes,
        fileSize: limits.uploadBytes,
        parts: maxFields + 1,
      },
    });
    await sweep();
    return new Uploads(limits);
  }

  /**
   * Receives a `multipart/form-data` request, and has it worked on.
   *
   * @param fileFields - names that the file may have
   * @throws GatewayError `TOO_MANY_UPLOADS`, `TOO_LARGE`, `BAD_REQUEST` for a form that is broken
   */
  async form<T>(
    request: FastifyRequest,
    account: Account,
    fileFields: readonly string[],
    work: (upload: Upload) => Promise<T>,
  ): Promise<T> {
    return this.received(account, work, async (folder, hash) => {
      const fields: Record<string, string> = {};
      let path: string | undefined;
      for await (const part of request.parts()) {
        if (part.type === 'field') {
          // A field that is declared as JSON comes parsed.
          const value = typeof part.value === 'string' ? part.value : JSON.stringify(part.value);
          fields[part.fieldname] = value;
          hash.update(JSON.stringify([part.fieldname, value]));
          continue;
        }
        if (!fileFields.includes(part.fieldname)) {
          part.file.resume();
          throw new GatewayError('BAD_REQUEST', `the file's field must be ${fileFields.join(' or ')}`);
        }
        path = await this.write(part.file, folder, hash);
        if (part.file.truncated) throw this.tooLarge();
      }
      return { fields, path };
    });
  }

  /** Receives a body that is the file itself. @throws as `form` does */
  async body<T>(account: Account, stream: Readable, work: (upload: Upload) => Promise<T>): Promise<T> {
    return this.received(account, work, async (folder, hash) => ({
      fields: {},
      path: await this.write(stream, folder, hash),
    }));
  }

  private async received<T>(
    account: Account,
    work: (upload: Upload) => Promise<T>,
    receive: (folder: string, hash: ReturnType<typeof createHash>) => Promise<Pick<Upload, 'fields' | 'path'>>,
  ): Promise<T> {
    const release = this.open.claim(account);
    let folder: string | undefined;
    try {
      folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
      const hash = createHash('sha256');
      const received = await receive(folder, hash).catch((error: unknown) => {
        throw broken(error, () => this.tooLarge());
      });
      return await work({ ...received, sha256: hash.digest('hex') });
    } finally {
      release();
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    }
  }

  private async write(file: Readable, folder: string, hash: ReturnType<typeof createHash>): Promise<string> {
    const path = join(folder, 'list.csv');
    let bytes = 0;
    const count = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        bytes += chunk.length;
        if (bytes > this.limits.uploadBytes) return done(this.tooLarge());
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(file, count, createWriteStream(path, { mode: 0o600 }));
    return path;
  }

  private tooLarge(): GatewayError {
    return new GatewayError('TOO_LARGE', `an upload has at most ${this.limits.uploadBytes} bytes`);
  }
}

/** Removes what gateways left that were killed. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, pid] = new RegExp(`^${prefix}(\\d+)-`).exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** Errors of the form's parser in our words. */
function broken(error: unknown, tooLarge: () => GatewayError): unknown {
  if (error instanceof GatewayError) return error;
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  if (statusCode === 413)
    return code === 'FST_REQ_FILE_TOO_LARGE' ? tooLarge() : new GatewayError('TOO_LARGE', (error as Error).message);
  if (statusCode === 406) return new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'the body must be multipart/form-data');
  return new GatewayError('BAD_REQUEST', 'the upload is broken, or its connection was');
}
