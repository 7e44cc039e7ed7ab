/** The page that signs in: one field for a token. */

import type { PageContext } from '../context.ts';
import { page } from '../layout.tsx';
import { Notice } from '../parts/notice.tsx';

export interface SignInView {
  /** The page to go to afterwards. */
  readonly to: string;
  /** Why the last attempt failed. */
  readonly error?: string;
  /** The reason why this connection does not allow a sign-in. */
  readonly refusal?: string | undefined;
}

export function signInPage(c: PageContext, { to, error, refusal }: SignInView, status = 200) {
  return page(
    c,
    { title: 'Sign in', status },
    <form method="post" action="/sign-in" class="card sign-in">
      {refusal === undefined ? null : (
        <Notice tone="warn" title="A secure connection is required">
          <p>{refusal}</p>
        </Notice>
      )}
      {error === undefined ? null : (
        <Notice tone="bad" hasFocus>
          <p>{error}</p>
        </Notice>
      )}
      <input type="hidden" name="to" value={to} />
      <input type="text" name="username" value="postmeter" autocomplete="username" hidden />
      <label for="token">Token</label>
      <input
        id="token"
        name="token"
        type="password"
        autocomplete="current-password"
        required
        autofocus={error === undefined}
        aria-describedby="token-hint"
        disabled={refusal !== undefined}
      />
      <p class="hint" id="token-hint">
        Create one with <code>postmeter token create</code>, or use <code>ADMIN_TOKEN</code>.
      </p>
      <button type="submit" class="primary" disabled={refusal !== undefined}>
        Sign in
      </button>
    </form>,
  );
}
