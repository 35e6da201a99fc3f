/** The inbound channels, as they appear in `/v1/webhook/{channel}`. */
export const channelNames = [
  'lark',
  'wecom',
  'gerrit',
  'gitlab',
  'github',
  'gitee',
  'generic',
] as const;

export type ChannelName = (typeof channelNames)[number];

/** How an integration is verified: the provider's own way, the platform's scheme, or a shared token. */
export type Mode = 'native' | 'platform' | 'token';

/** One way of verifying the requests of a channel. */
export interface Scheme {
  readonly mode: Mode;
  /** Its name where the mode alone does not say it; else null. */
  readonly scheme: string | null;
  /** The kinds of secret it verifies with, as the provider's pages call them. */
  readonly kinds: readonly string[];
  /** The kinds of which one is enough; every other one is needed. */
  readonly isOneKindEnough?: boolean;
  readonly needsUsername?: boolean;
  readonly needsReceiveId?: boolean;
}

/** The platform's own scheme: the only one of `generic`; elsewhere for a relay in front. */
const platform: Scheme = { mode: 'platform', scheme: null, kinds: ['platform'] };

/** How each channel can be verified. The first one is the default, and judges strangers' addresses. */
export const schemes: Readonly<Record<ChannelName, readonly [Scheme, ...Scheme[]]>> = {
  lark: [
    {
      mode: 'native',
      scheme: null,
      kinds: ['encrypt_key', 'verification_token'],
      isOneKindEnough: true,
    },
    platform,
  ],
  wecom: [
    { mode: 'native', scheme: null, kinds: ['token', 'aes_key'], needsReceiveId: true },
    platform,
  ],
  gerrit: [
    { mode: 'token', scheme: 'url_token', kinds: ['token'] },
    { mode: 'token', scheme: 'basic', kinds: ['password'], needsUsername: true },
    platform,
  ],
  gitlab: [
    { mode: 'native', scheme: 'secret_token', kinds: ['secret_token'] },
    { mode: 'native', scheme: 'signing_token', kinds: ['signing_token'] },
    platform,
  ],
  github: [{ mode: 'native', scheme: null, kinds: ['secret'] }, platform],
  gitee: [
    { mode: 'native', scheme: 'password', kinds: ['password'] },
    { mode: 'native', scheme: 'signature', kinds: ['sign_key'] },
    platform,
  ],
  generic: [platform],
};

/** What somebody says about a scheme: `undefined` = nothing; a scheme of null = none beside the mode. */
export interface WantedScheme {
  readonly mode?: string | undefined;
  readonly scheme?: string | null | undefined;
}

/** The first scheme of a channel that fits all that was said. */
export function findScheme(channel: ChannelName, wanted: WantedScheme): Scheme | undefined {
  return schemes[channel].find(
    ({ mode, scheme }) =>
      (wanted.mode === undefined || wanted.mode === mode) &&
      (wanted.scheme === undefined || wanted.scheme === scheme),
  );
}

/** Every kind of secret that some scheme of a channel verifies with. */
export function kindsOf(channel: ChannelName): string[] {
  return [...new Set(schemes[channel].flatMap(({ kinds }) => kinds))];
}

/** A request as it came off the wire; nothing is parsed, trimmed or merged. */
export interface RawRequest {
  readonly method: string;
  /** As on the wire, without `?`. */
  readonly query: string;
  /** In order, with case and duplicates as sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** A secret of an integration, opened. */
export interface IntegrationSecret {
  readonly id: string;
  /** `platform`, `secret`, `signing_token`, … (one word per thing the provider calls so). */
  readonly kind: string;
  readonly value: string;
  /** Valid while now is before this instant; null = for ever. */
  readonly expiresAt: Date | null;
}

/** Whether a secret that ends then still verifies now; without an end it always does. */
export function isStillValid(expiresAt: Date | null, now: Date): boolean {
  return expiresAt === null || now < expiresAt;
}

/** A tenant's configured channel, with everything that verification needs. */
export interface Integration {
  readonly id: string;
  readonly tenantId: string;
  readonly channel: ChannelName;
  readonly mode: Mode;
  readonly scheme: string | null;
  readonly username: string | null;
  readonly receiveId: string | null;
  /** Seconds; null = the channel's default. */
  readonly toleranceS: number | null;
  /** What stands in for a delivery id where the provider sends none; null = nothing does. */
  readonly dedupe: 'hash' | null;
  readonly secrets: readonly IntegrationSecret[];
  /** Set when the request came to a trigger's own address: only that trigger may fire. */
  readonly triggerId: string | null;
}

/** Why a request was refused: a closed list, part of the API (docs/ingress.md). */
export const rejectionReasons = {
  method_not_allowed: 405,
  body_too_large: 413,
  parameter_missing: 400,
  duplicate_parameter: 400,
  signature_missing: 401,
  signature_malformed: 401,
  signature_mismatch: 401,
  timestamp_missing: 401,
  timestamp_malformed: 401,
  timestamp_out_of_tolerance: 401,
  token_missing: 401,
  token_mismatch: 401,
  encryption_required: 401,
  encrypt_key_missing: 401,
  decrypt_failed: 401,
  receive_id_mismatch: 401,
  unsupported_content_type: 415,
  unsupported_content_encoding: 415,
  malformed_body: 400,
  event_type_missing: 400,
} as const;

export type RejectionReason = keyof typeof rejectionReasons;

/** What a channel makes of a request. A rejection is an answer, not an exception. */
export type Received =
  | {
      readonly kind: 'event';
      readonly type: string;
      /** The provider's delivery id, or null: then it is never a duplicate. */
      readonly dedupeId: string | null;
      /** The bytes to keep: as received, or decrypted; redacted where the channel must. */
      readonly body: Uint8Array;
      /** The secrets that verified it. */
      readonly secretIds: readonly string[];
    }
  | {
      readonly kind: 'handshake';
      readonly contentType: string;
      readonly reply: string;
      readonly secretIds: readonly string[];
    }
  | Rejection;

/** A request that was not verified, or not understood. */
export interface Rejection {
  readonly kind: 'rejected';
  readonly reason: RejectionReason;
  /** What to change; tells no secret. */
  readonly detail: string;
  /** For the operator alone: never a part of the answer. */
  readonly evidence?: Evidence;
  /** What the answer must carry as `WWW-Authenticate`. */
  readonly challenge?: string;
}

/** What was found where a request was not verified. */
export interface Evidence {
  /** Our clock minus the sender's timestamp, in seconds. */
  readonly skewS?: number;
  /** The first characters of the signature that came. */
  readonly received?: string;
  /** The first characters of what it would have to be, one per valid secret. */
  readonly computed?: readonly string[];
}
