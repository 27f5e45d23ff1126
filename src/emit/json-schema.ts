import type { Definition } from '../spec/define.ts'
import type { JsonSchema, JsonValue } from '../spec/kind.ts'
import { constantDefault, describeInput, type InputField, inputFields, isSecret } from './fields.ts'
import { type EmittedFile, notice } from './file.ts'

const published = 'https://raw.githubusercontent.com/slipway-ci/slipway/main/schemas'

/** A published schema. JSON has no comments, so where it comes from is a `$comment`. */
export function schemaFile(name: string, source: string, schema: JsonSchema): EmittedFile {
  const content = { $schema: 'http://json-schema.org/draft-07/schema#', $id: `${published}/${name}`, $comment: notice(source), ...schema }
  return { path: `schemas/${name}`, content: `${JSON.stringify(content, undefined, 2)}\n` }
}

/** What a pipeline file, `slipway.yaml`, may hold: tasks in their order, each with its inputs under their public names. */
export function pipelineSchema(tasks: readonly Definition[], source: string): readonly EmittedFile[] {
  const schema: JsonSchema = {
    title: 'Slipway pipeline file',
    type: 'object',
    required: ['tasks'],
    additionalProperties: false,
    properties: {
      tasks: {
        description: 'The tasks, in the order in which they run: a name, or a name with inputs.',
        type: 'array',
        minItems: 1,
        items: {
          anyOf: [
            { enum: tasks.map(({ name }) => name) },
            {
              type: 'object',
              minProperties: 1,
              maxProperties: 1,
              additionalProperties: false,
              properties: Object.fromEntries(tasks.map((task) => [task.name, taskSchema(task)])),
            },
          ],
        },
      },
    },
    definitions: {
      variable: {
        description: 'The value of a variable of the environment.',
        type: 'object',
        required: ['env'],
        additionalProperties: false,
        properties: { env: { type: 'string', minLength: 1 } },
      },
    },
  }
  return [schemaFile('slipway.schema.json', source, schema)]
}

const variable = { $ref: '#/definitions/variable' }

/** YAML takes 8080 for a number, the reader of the file for the text that it is. */
const scalar = { type: ['string', 'number', 'boolean'] }

function taskSchema(task: Definition): JsonSchema {
  return {
    description: task.summary,
    type: ['object', 'null'],
    additionalProperties: false,
    properties: Object.fromEntries(inputFields(task).map((field) => [field.name, inputSchema(field)])),
  }
}

function inputSchema(field: InputField): JsonSchema {
  const text = constantDefault(field)
  return {
    description: describeInput(field),
    ...(text === undefined ? {} : { default: text }),
    // The file is kept in git: it may say where a secret is, not what.
    anyOf: isSecret(field) ? [variable] : alternatives(field.input.kind.schema),
  }
}

/** A value may always come from a variable, and so may each part of it; what has parts may also be written as one text. */
function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const { type, items, additionalProperties } = schema
  if (isSchema(items)) return [{ ...schema, items: { anyOf: alternatives(items) } }, scalar, variable]
  if (isSchema(additionalProperties)) return [{ ...schema, additionalProperties: { anyOf: alternatives(additionalProperties) } }, scalar]
  return [type === 'string' ? { ...schema, ...scalar } : schema, variable]
}

function isSchema(value: JsonValue | undefined): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
