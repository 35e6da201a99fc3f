import type { Middleware } from 'koa';
import { triggerJsonSchema } from '../src/runtime/trigger-json-schema.ts';

const document = JSON.stringify(triggerJsonSchema());

/** `/trigger.schema.json`: the JSON Schema of a trigger file, for editors. It is nobody's secret. */
export const serveTriggerSchema: Middleware = async (ctx, next) => {
  if (ctx.path !== '/trigger.schema.json') {
    await next();
    return;
  }
  ctx.type = 'application/schema+json';
  ctx.body = document;
};
