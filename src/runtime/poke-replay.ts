import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { replayPoke } from '../domain/workflows.ts';

/** A signal that takes longer is given up: the workflow asks for its state by itself. */
const signalDeadlineMs = 2000;

/** Tells the workflow of a replay that its state has changed. Not waited for; one that is lost costs half a minute. */
export function makePokeReplay(client: Client, log: Logger): (id: string) => void {
  return (id) => {
    client
      .withDeadline(Date.now() + signalDeadlineMs, () =>
        client.workflow.getHandle(id).signal(replayPoke),
      )
      .catch((error: unknown) => log.debug({ err: error, replay: id }, 'Could not poke a replay'));
  };
}
