import { z } from 'zod';
import type { Quotas } from '../../src/runtime/quotas.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { instant } from './answers.ts';

const quotaSchema = z
  .object({
    limit: z.int().nullable().meta({ description: 'Events per minute; null = no limit' }),
    used: z.int().meta({ description: 'Of this minute; 0 where there is no limit' }),
    resets_at: instant.meta({ description: 'When the next minute begins' }),
  })
  .meta({ id: 'Quota', description: 'How many events may be published in a minute.' });

export function quotaRoutes({ quotas }: { readonly quotas: Quotas }): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/quota',
      summary: 'Read how many events may still be published',
      answer: quotaSchema,
      handle: async ({ tenantId }) => {
        const { limit, used, resetsAt } = await quotas.read(tenantId);
        return { limit, used, resets_at: resetsAt.toISOString() };
      },
    }),
  ];
}
