import type { Integration, RawRequest, Rejection } from '../../src/domain/channel.ts';
import type { Clock } from '../channels/channel.ts';
import type { Placed } from './claims.ts';
import type { Match } from './search.ts';
import type { SignatureForm } from './signature-forms.ts';

/** What is known of a request when its findings are worded. */
export interface Patient {
  readonly request: RawRequest;
  readonly integration: Integration;
  readonly clock: Clock;
  readonly own: SignatureForm;
  readonly values: readonly Placed[];
  readonly rejection: Rejection;
  readonly match: Match | undefined;
  /** What would be refused next were the signature well-formed. */
  readonly later: Rejection | undefined;
}
