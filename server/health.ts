import type { Middleware } from 'koa';

/** Something that the platform needs, asked whether it is there. */
export interface Check {
  readonly name: string;
  isUp(): Promise<boolean>;
}

/** A probe must have its answer: kubelets give up after a second or a few. */
const checkMaxMs = 2000;

/** `/healthz`: this process serves. `/readyz`: everything it needs is there as well. */
export function makeHealth(checks: readonly Check[]): Middleware {
  return async (ctx, next) => {
    if (ctx.path === '/healthz') {
      ctx.body = { status: 'up' };
      return;
    }
    if (ctx.path !== '/readyz') {
      await next();
      return;
    }
    const states = await Promise.all(checks.map(async (check) => [check.name, await ask(check)]));
    const isReady = states.every(([, state]) => state === 'up');
    ctx.status = isReady ? 200 : 503;
    ctx.body = { status: isReady ? 'up' : 'down', checks: Object.fromEntries(states) as unknown };
  };
}

async function ask(check: Check): Promise<'up' | 'down'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), checkMaxMs);
  });
  try {
    return (await Promise.race([check.isUp(), late])) ? 'up' : 'down';
  } catch {
    return 'down'; // Why it is down is for the log of whoever checks, not for strangers.
  } finally {
    clearTimeout(timer);
  }
}
