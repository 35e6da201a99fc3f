import type { Knex } from 'knex';
import { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import { scopeNames } from '../auth.ts';
import { makeLoginLink } from '../login-link.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { instant } from './answers.ts';

const loginLinkSchema = z
  .object({
    url: z.string().meta({ description: 'Whoever opens it first is logged in' }),
    expires_at: instant,
  })
  .meta({ id: 'LoginLink', description: 'A link that logs a browser in, once.' });

export interface LoginLinkParts {
  readonly db: Knex;
  readonly now: () => Date;
  /** Where people reach this server. */
  readonly publicUrl: string;
}

export function loginLinkRoutes({ db, now, publicUrl }: LoginLinkParts): MountableRoute[] {
  return [
    route({
      method: 'post',
      path: '/v1/login-links',
      summary: 'Make a link that logs a browser in, once',
      answer: loginLinkSchema,
      status: 201,
      handle: async ({ tenantId, actor, scopes }) => {
        // A browser session may do everything: who may do less must not get more through a link.
        if (!scopeNames.every((scope) => scopes.includes(scope))) {
          throw new Problem('scope-missing', 'Only a key of every scope may make a login link');
        }
        const options = { tenantId, actor, publicUrl, now: now() };
        const { url, expiresAt } = await makeLoginLink(db, options);
        return { url, expires_at: expiresAt.toISOString() };
      },
    }),
  ];
}
