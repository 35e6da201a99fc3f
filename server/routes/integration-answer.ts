import { z } from 'zod';
import { channelNames, isStillValid } from '../../src/domain/channel.ts';
import type { IntegrationWithSecrets } from '../../src/store/integrations.ts';
import type { IntegrationSecretRow } from '../../src/store/tables.ts';
import { instant } from './answers.ts';

export const channelSchema = z.enum(channelNames);
export const modeSchema = z.enum(['native', 'platform', 'token']);

export const secretSchema = z
  .object({
    id: z.string(),
    kind: z.string().meta({ description: "As the provider's pages call it" }),
    state: z.enum(['active', 'expiring', 'expired', 'revoked']),
    created_at: instant,
    expires_at: instant.nullable(),
    used_count: z.number().meta({ description: 'Requests it has verified' }),
    last_used_at: instant.nullable(),
    safe_to_drop: z
      .boolean()
      .nullable()
      .meta({ description: 'null for the newest of a kind, and for what has already ended' }),
    safe_to_drop_reason: z.string().nullable(),
  })
  .meta({ id: 'IntegrationSecret', description: 'A secret of an integration, without its value.' });

export const createdSecretSchema = secretSchema
  .extend({ value: z.string().meta({ description: 'Shown this once' }) })
  .meta({ id: 'CreatedIntegrationSecret', description: 'A new secret with its value.' });

export const integrationSchema = z
  .object({
    id: z.string(),
    channel: channelSchema,
    mode: modeSchema,
    scheme: z.string().nullable(),
    username: z.string().nullable(),
    receive_id: z.string().nullable(),
    tolerance_s: z.int().nullable().meta({ description: "null = the channel's default" }),
    dedupe: z.enum(['hash']).nullable(),
    description: z.string().nullable(),
    state: z.enum(['enabled', 'disabled']),
    url: z.string().meta({ description: 'The address to give to the provider' }),
    created_at: instant,
    secrets: z.array(secretSchema).meta({ description: 'Newest first' }),
  })
  .meta({ id: 'Integration', description: "A tenant's configured channel." });

type SecretAnswer = z.input<typeof secretSchema>;

/** What an answer needs besides the rows. */
export interface AnswerParts {
  /** Where providers reach this server; a slash at its end does not count. */
  readonly publicUrl: string;
  readonly now: () => Date;
}

export function toIntegrationAnswer(
  { integration, secrets }: IntegrationWithSecrets,
  { publicUrl, now }: AnswerParts,
): z.input<typeof integrationSchema> {
  const { id, mode, scheme, username, receive_id, tolerance_s, dedupe, description, state } =
    integration;
  const channel = channelSchema.parse(integration.channel);
  return {
    id,
    channel,
    mode,
    scheme,
    username,
    receive_id,
    tolerance_s,
    dedupe,
    description,
    state,
    url: `${publicUrl.replace(/\/$/, '')}/v1/webhook/${channel}/${id}`,
    created_at: integration.created_at.toISOString(),
    secrets: toSecretAnswers(secrets, now()),
  };
}

/** @param secrets - all of one integration, newest first */
function toSecretAnswers(secrets: readonly IntegrationSecretRow[], now: Date): SecretAnswer[] {
  return secrets.map((secret, index) => {
    const newer = secrets.slice(0, index).filter(({ kind }) => kind === secret.kind);
    return toSecretAnswer(secret, newer, now);
  });
}

/** @param newer - those of its kind that came after it, whatever their state */
export function toSecretAnswer(
  secret: IntegrationSecretRow,
  newer: readonly IntegrationSecretRow[],
  now: Date,
): SecretAnswer {
  const isJudged = newer.length > 0 && isStillValid(secret.expires_at, now);
  const { isSafe, reason } = isJudged ? judgeDrop(secret, newer, now) : unjudged;
  return {
    id: secret.id,
    kind: secret.kind,
    state: stateOf(secret, now),
    created_at: secret.created_at.toISOString(),
    expires_at: secret.expires_at?.toISOString() ?? null,
    used_count: secret.used_count,
    last_used_at: secret.last_used_at?.toISOString() ?? null,
    safe_to_drop: isSafe,
    safe_to_drop_reason: reason,
  };
}

function stateOf(secret: IntegrationSecretRow, now: Date): SecretAnswer['state'] {
  if (secret.revoked_at !== null) return 'revoked';
  if (!isStillValid(secret.expires_at, now)) return 'expired';
  return secret.expires_at === null ? 'active' : 'expiring';
}

/** Shorter, and a sender that posts every half hour would look moved; longer, and people stop waiting. */
const quietMs = 3_600_000;

/**
 * Whether a secret can go without an outage. Senders are moved one by one: that the newer secret is
 * in use does not say that this one is not.
 */
function judgeDrop(
  { last_used_at: lastUsedAt }: IntegrationSecretRow,
  newer: readonly IntegrationSecretRow[],
  now: Date,
): Verdict {
  const valid = newer.filter(({ expires_at: at }) => isStillValid(at, now));
  if (valid.length === 0) return unsafe('No newer secret of this kind is valid: make one first');
  const newerUses = valid.flatMap(({ last_used_at: at }) => (at === null ? [] : [at.getTime()]));
  if (newerUses.length === 0) return unsafe('No request came with the newer secret yet');
  const count = valid.reduce((sum, { used_count }) => sum + used_count, 0);
  const both = `The newer secret has verified ${countOf(count)} and this one none`;
  if (lastUsedAt === null) return { isSafe: true, reason: both };
  const idleMs = now.getTime() - lastUsedAt.getTime();
  const used = `verified a request ${wordsFor(idleMs)} ago`;
  if (idleMs <= quietMs) return unsafe(`Still ${used}: a sender uses it`);
  if (lastUsedAt.getTime() >= Math.max(...newerUses)) {
    return unsafe(`Last ${used}, and the newer secret none since: wait for its next one`);
  }
  return { isSafe: true, reason: `${both} for ${wordsFor(idleMs)}` };
}

interface Verdict {
  readonly isSafe: boolean;
  /** A sentence that a person can act on. */
  readonly reason: string;
}

/** There is nothing to take its place, or nothing left to drop. */
const unjudged = { isSafe: null, reason: null };

function unsafe(reason: string): Verdict {
  return { isSafe: false, reason };
}

function countOf(requests: number): string {
  return requests === 1 ? '1 request' : `${requests} requests`;
}

/** `12 s`, `5 min`, `2 h` or `3 days`, rounded down. */
function wordsFor(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}
