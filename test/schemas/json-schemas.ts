/** The files of `schemas/`: JSON Schema made of zod, each field described by the comment at its TypeScript declaration. */
import { join } from 'node:path';
import type {
  CallEnd,
  CallRecord,
  CallSpec,
  CampaignResult,
  CampaignStatus,
  CancelRequest,
  ExtendRequest,
  Gate,
  IntakeSummary,
} from 'outdial';
import ts from 'typescript';
import type { z } from 'zod';
import type { WebhookEvent } from '../../src/results/webhook';
import { jsonSchemaOf, type SchemaName, schemas } from '../../src/schemas';

const root = join(__dirname, '../..');

/** Where the comments of each schema's fields stand: read below, as source. */
export interface Documented extends Record<SchemaName, unknown> {
  campaign: z.input<(typeof schemas)['campaign']>;
  call: CallSpec;
  'add-calls': z.input<(typeof schemas)['add-calls']>;
  cancel: CancelRequest;
  extend: ExtendRequest;
  'campaign-status': CampaignStatus;
  'campaign-result': CampaignResult;
  'call-end': CallEnd;
  'call-record': CallRecord;
  'intake-summary': IntakeSummary;
  gate: Gate;
  event: WebhookEvent;
}

/** Folder that the files are published in. */
export const folder = join(root, 'schemas');

/** What each file of the folder is to contain, by name. */
export function schemaFiles(): Map<string, string> {
  const comments = new Comments();
  return new Map(
    (Object.keys(schemas) as SchemaName[]).map((name) => {
      const schema = comments.describe(jsonSchemaOf(name), comments.typeOf(name));
      return [`${name}.json`, `${JSON.stringify(schema, null, 2)}\n`];
    }),
  );
}

type Schema = z.core.JSONSchema.BaseSchema;

/** Comments of TypeScript declarations. */
class Comments {
  private readonly program = programOf(__filename);
  private readonly checker = this.program.getTypeChecker();
  private readonly documented = this.program
    .getSourceFile(__filename)!
    .statements.find((node) => ts.isInterfaceDeclaration(node))!;

  typeOf(name: SchemaName): ts.Type {
    const property = this.checker.getTypeAtLocation(this.documented).getProperty(name)!;
    return this.checker.getTypeOfSymbol(property);
  }

  /** The schema with each field's comment as its description. */
  describe(schema: Schema, type: ts.Type): Schema {
    for (const option of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) this.describe(option as Schema, type);
    const element = this.checker.getIndexTypeOfType(this.checker.getNonNullableType(type), ts.IndexKind.Number);
    if (element && typeof schema.items === 'object') this.describe(schema.items as Schema, element);
    for (const [name, field] of Object.entries(schema.properties ?? {})) {
      const symbol = propertyOf(type, name);
      if (!symbol || typeof field !== 'object') continue;
      const comment = ts.displayPartsToString(symbol.getDocumentationComment(this.checker)).replace(/\s+/g, ' ');
      if (comment !== '') field.description = comment;
      this.describe(field, this.checker.getTypeOfSymbol(symbol));
    }
    return schema;
  }
}

/** A field of a type, or of any of a union's. */
function propertyOf(type: ts.Type, name: string): ts.Symbol | undefined {
  const types = type.isUnion() ? type.types : [type];
  return types.map((one) => one.getProperty(name)).find((symbol) => symbol !== undefined);
}

function programOf(file: string): ts.Program {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(
    { ...(config as object), include: [], files: [file] },
    ts.sys,
    root,
  );
  return ts.createProgram([file], options);
}
