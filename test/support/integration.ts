import type { Integration } from '../../src/domain/channel.ts';

/** An integration with nothing set: a test adds channel, mode, secrets and what it is about. */
export const bareIntegration = {
  id: 'int_1',
  tenantId: 'ten_1',
  scheme: null,
  username: null,
  receiveId: null,
  toleranceS: null,
  dedupe: null,
  triggerId: null,
} satisfies Partial<Integration>;
