import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type GrpcCall = ReturnType<Parameters<Interceptor>[1]>;

/**
 * The SDK's repeats of calls that fail, safe to close the connection under.
 *
 * The SDK repeats from a timer. On a closed connection gRPC throws "Channel has been shut down" there, where nobody
 * can catch it, and the process would die of it instead of ending; the caller would never hear. Here such a repeat
 * ends as cancelled.
 */
export function makeRepeats(): Interceptor {
  const repeat = makeGrpcRetryInterceptor(defaultGrpcRetryOptions());
  return (options, nextCall) =>
    repeat(options, (again) => {
      try {
        return nextCall(again);
      } catch (error) {
        return endedCall(error instanceof Error ? error.message : String(error));
      }
    });
}

/** gRPC's number of CANCELLED: the SDK does not repeat it. */
const cancelled = 1;

/** A call that has ended before it began. */
function endedCall(details: string): GrpcCall {
  return {
    start(metadata, listener) {
      listener?.onReceiveMessage?.(null);
      listener?.onReceiveStatus?.({ code: cancelled, details, metadata });
    },
    cancelWithStatus: () => undefined,
    getPeer: () => '',
    sendMessageWithContext: () => undefined,
    sendMessage: () => undefined,
    startRead: () => undefined,
    halfClose: () => undefined,
    getAuthContext: () => null,
  };
}
