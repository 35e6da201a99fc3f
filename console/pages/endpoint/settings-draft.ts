import type { Answers } from '../../../src/client/index.ts';
import type { paths } from '../../../src/client/schema.ts';
import type { EndpointDraft } from '../endpoints/endpoint-fields.tsx';
import { authDraftOf, authOf, isAuthKept } from './auth-draft.ts';
import type { AuthDraft } from './auth-draft.ts';
import { pairsOf, recordOf } from './pairs.ts';
import type { Pair } from './pairs.ts';

/** What the draft began from. */
export type Kept = Answers['Endpoint'];

/** All that is typed of an endpoint's settings; an empty text is what holds without the setting. */
export interface SettingsDraft extends EndpointDraft {
  readonly filter: string;
  readonly orderBy: string;
  readonly format: Kept['format'];
  readonly metadata: readonly Pair[];
  readonly headers: readonly Pair[];
  readonly auth: AuthDraft;
  readonly timeout: string;
  readonly ackWindow: string;
  /** Waits, one comma apart. */
  readonly schedule: string;
  readonly rateLimit: number | '';
  readonly inFlightMax: number | '';
  readonly onOutage: Kept['on_outage'];
  readonly isRedrivenOnRecovery: boolean;
}

type Changes = paths['/v1/endpoints/{id}']['patch']['requestBody']['content']['application/json'];

export function draftOf(kept: Kept): SettingsDraft {
  return {
    url: kept.url,
    types: kept.event_types,
    description: kept.description ?? '',
    filter: kept.filter ?? '',
    orderBy: kept.order_by ?? '',
    format: kept.format,
    metadata: pairsOf(kept.metadata),
    headers: pairsOf(kept.headers),
    auth: authDraftOf(kept.auth),
    timeout: kept.timeout ?? '',
    ackWindow: kept.ack_window ?? '',
    schedule: kept.schedule?.join(', ') ?? '',
    rateLimit: kept.rate_limit ?? '',
    inFlightMax: kept.in_flight_max ?? '',
    onOutage: kept.on_outage,
    isRedrivenOnRecovery: kept.redrives_on_recovery,
  };
}

/** Whether saving would change nothing. */
export function isSameDraft(draft: SettingsDraft, base: Kept): boolean {
  return JSON.stringify(changesOf(draft, base)) === '{}';
}

/** Only what is different: what somebody else changed meanwhile stays. */
export function changesOf(draft: SettingsDraft, base: Kept): Changes {
  const before = new Map<string, unknown>(Object.entries(settingsOf(draftOf(base))));
  const changed = Object.entries(settingsOf(draft)).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before.get(name)),
  );
  return {
    ...(Object.fromEntries(changed) as Changes),
    ...(!isAuthKept(draft.auth, base.auth) && { auth: authOf(draft.auth) }),
  };
}

function settingsOf(draft: SettingsDraft): Omit<Changes, 'auth'> {
  const waits = draft.schedule.split(/[\s,]+/).filter((wait) => wait !== '');
  return {
    url: draft.url.trim(),
    event_types: [...draft.types],
    description: textOf(draft.description),
    filter: textOf(draft.filter),
    order_by: textOf(draft.orderBy),
    format: draft.format,
    metadata: recordOf(draft.metadata),
    headers: recordOf(draft.headers),
    timeout: textOf(draft.timeout),
    ack_window: textOf(draft.ackWindow),
    schedule: waits.length === 0 ? null : waits,
    rate_limit: numberOf(draft.rateLimit),
    in_flight_max: numberOf(draft.inFlightMax),
    on_outage: draft.onOutage,
    redrives_on_recovery: draft.isRedrivenOnRecovery,
  };
}

function textOf(typed: string): string | null {
  const text = typed.trim();
  return text === '' ? null : text;
}

function numberOf(typed: number | ''): number | null {
  return typed === '' ? null : typed;
}
