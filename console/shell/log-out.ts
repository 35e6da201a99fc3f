import { notifications } from '@mantine/notifications';
import { login } from '../api/client.ts';
import { queryClient } from '../api/query-client.ts';

/** End this browser's login and forget what was read with it. */
export async function logOut(): Promise<void> {
  try {
    const { ok, status } = await fetch('/v1/logout', { method: 'POST' });
    if (!ok && status !== 401) throw new Error(`The server answered ${status}`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    notifications.show({ title: 'You are still logged in', message, color: 'red' });
    return;
  }
  login.set('none');
  queryClient.clear();
}
