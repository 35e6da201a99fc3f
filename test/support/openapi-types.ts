/** The parts of OpenAPI 3.1 and JSON Schema that our document uses. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly (Schema | boolean)[];
  readonly oneOf?: readonly (Schema | boolean)[];
  readonly items?: Schema | boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly description?: string;
  readonly default?: unknown;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: Content & { readonly required?: boolean };
  readonly responses: Readonly<Record<string, Content>>;
}

export interface OpenapiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** TypeScript of a document, in the form that `openapi-fetch` reads: `paths` and `components`. */
export function toTypeScript({ paths, components }: OpenapiDocument): string {
  const operations = Object.entries(paths).map(([path, methods]) => {
    const lines = Object.entries(methods).map(
      ([method, operation]) => `${comment(operation.summary)}${method}: ${toOperation(operation)};`,
    );
    return `${JSON.stringify(path)}: {\n${lines.join('\n')}\n};`;
  });
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `${comment(schema.description)}${name}: ${toType(schema)};`,
  );
  const text = [
    '/** Generated from `/openapi.json` by `npm run client`: not to be edited. */',
    '',
    `export interface paths {\n${operations.join('\n')}\n}`,
    '',
    `export interface components {\nschemas: {\n${schemas.join('\n')}\n};\n}`,
    '',
  ].join('\n');
  return indent(text);
}

function indent(text: string): string {
  let depth = 0;
  const lines = text.split('\n').map((line) => {
    const opened = line.split('{').length - line.split('}').length;
    const indented = '  '.repeat(depth + Math.min(opened, 0)) + line;
    depth += opened;
    return indented.trimEnd();
  });
  return lines.join('\n');
}

function toOperation({ parameters = [], requestBody, responses }: Operation): string {
  const inPlace = (place: string): string => {
    const fields = parameters
      .filter((parameter) => parameter.in === place)
      .map(({ name, required, schema }) => field(name, required === true, schema));
    if (fields.length === 0) return `${place}?: never;`;
    const isNeeded = fields.some((line) => !/^[^:]*\?:/.test(line));
    return `${place}${isNeeded ? '' : '?'}: { ${fields.join(' ')} };`;
  };
  const answers = Object.entries(responses).map(
    ([status, answer]) =>
      `${status}: { headers: Record<string, string>; content: ${toContent(answer)} };`,
  );
  return [
    '{',
    `parameters: { ${['query', 'path'].map(inPlace).join(' ')} header?: never; cookie?: never };`,
    requestBody
      ? `requestBody${requestBody.required === true ? '' : '?'}: { content: ${toContent(requestBody)} };`
      : 'requestBody?: never;',
    `responses: {\n${answers.join('\n')}\n};`,
    '}',
  ].join('\n');
}

function toContent({ content }: Content): string {
  if (!content) return '{ "application/json"?: never }';
  const types = Object.entries(content).map(
    ([type, { schema }]) => `${JSON.stringify(type)}: ${toType(schema)}`,
  );
  return `{ ${types.join('; ')} }`;
}

function toType(schema: Schema | boolean): string {
  if (typeof schema === 'boolean') return schema ? 'unknown' : 'never';
  if (schema.$ref !== undefined) {
    return `components["schemas"][${JSON.stringify(schema.$ref.split('/').at(-1))}]`;
  }
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const union = schema.anyOf ?? schema.oneOf;
  if (union) return union.map((part) => `(${toType(part)})`).join(' | ');
  return [schema.type ?? 'unknown']
    .flat()
    .map((type) => toPlainType(type, schema))
    .join(' | ');
}

function toPlainType(type: string, schema: Schema): string {
  switch (type) {
    case 'integer':
      return 'number';
    case 'array':
      return `(${toType(schema.items ?? {})})[]`;
    case 'object':
      return toObject(schema);
    default:
      return type;
  }
}

function toObject({ properties, required = [], additionalProperties }: Schema): string {
  const others =
    typeof additionalProperties === 'object' ? toType(additionalProperties) : 'unknown';
  if (!properties) return `Record<string, ${others}>`;
  const fields = Object.entries(properties).map(
    ([name, schema]) => comment(schema.description) + field(name, required.includes(name), schema),
  );
  return `{\n${fields.join('\n')}\n}`;
}

function field(name: string, isRequired: boolean, schema: Schema): string {
  const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
  return `${key}${isRequired ? '' : '?'}: ${toType(schema)};`;
}

function comment(text: string | undefined): string {
  return text === undefined ? '' : `/** ${text.replaceAll('*/', '* /')} */\n`;
}
