import { z } from 'zod';
import { channelNames, schemes } from '../../src/domain/channel.ts';
import { listSamples } from '../../src/runtime/samples.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { pageOf } from './answers.ts';
import { channelSchema, modeSchema } from './integration-answer.ts';

const channelInfoSchema = z
  .object({
    channel: channelSchema,
    schemes: z
      .array(
        z.object({
          mode: modeSchema,
          scheme: z.string().nullable(),
          kinds: z.array(z.string()).meta({ description: 'The kinds of secret it verifies with' }),
          is_one_kind_enough: z.boolean(),
          needs_username: z.boolean(),
          needs_receive_id: z.boolean(),
        }),
      )
      .meta({ description: 'The default first' }),
    samples: z.array(z.string()).meta({ description: 'What a signed test can send' }),
    docs: z.string(),
  })
  .meta({ id: 'Channel', description: 'An inbound provider and its ways of signing.' });

export function channelRoutes(): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/channels',
      summary: 'List the channels, with their ways of verifying and their samples',
      answer: pageOf(channelInfoSchema),
      handle: async () => {
        const data = await Promise.all(channelNames.map(toAnswer));
        return { data, next_cursor: null };
      },
    }),
  ];
}

async function toAnswer(
  channel: (typeof channelNames)[number],
): Promise<z.input<typeof channelInfoSchema>> {
  return {
    channel,
    schemes: schemes[channel].map((each) => ({
      mode: each.mode,
      scheme: each.scheme,
      kinds: [...each.kinds],
      is_one_kind_enough: each.isOneKindEnough ?? false,
      needs_username: each.needsUsername ?? false,
      needs_receive_id: each.needsReceiveId ?? false,
    })),
    samples: await listSamples(channel),
    docs: `/docs/channels/${channel}`,
  };
}
