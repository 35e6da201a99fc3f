import type { ChannelName, RawRequest, Rejection } from './channel.ts';

/** A request that was refused, as it is kept: what a person may see, and the whole of it to be sealed. */
export interface RejectedRequest {
  readonly id: string;
  readonly tenantId: string;
  readonly integrationId: string;
  readonly channel: ChannelName;
  readonly triggerId: string | null;
  readonly receivedAt: Date;
  readonly rejection: Rejection;
  /** Lower-case names; secrets are `***` here, in the query and in the body. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: string;
  /** The beginning of it. */
  readonly body: Uint8Array;
  readonly original: RawRequest;
}
