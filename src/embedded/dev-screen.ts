import pc from 'picocolors';

export interface WelcomeFacts {
  readonly url: string;
  readonly folder: string;
  readonly dataDir: string;
  /** Good for one use. */
  readonly loginUrl: string;
  readonly integrations: Readonly<
    Record<string, { readonly url: string; readonly secret: string }>
  >;
}

/** What a newcomer reads at the end of a start: where everything is, and lines that work when pasted. */
export function welcome({ url, folder, dataDir, loginUrl, integrations }: WelcomeFacts): string {
  const { github, generic } = integrations;
  return `
${pc.bold('Durahook is running')} (development: PostgreSQL and Temporal listen on loopback only)

  API            ${url}/v1/…   key in ${folder}/dev.json
  Console        ${loginUrl}
                 (opens once, within 15 minutes; after that ${url}/console/)
                 another link: npx durahook login-link
  Temporal UI    ${url}/temporal/   once you are logged in
  Ingress        ${Object.values(integrations)
    .map(({ url: address }) => address)
    .join('\n                 ')}
  Data           ${folder}
                 ${dataDir}

${pc.bold('Send a signed GitHub event')}
${github ? githubLines(github) : ''}
${pc.bold('Send a signed event of your own')}
${generic ? genericLines(generic) : ''}
${pc.bold('Or')}  npx durahook send gitlab merge_request     npx durahook deliveries     npx durahook --help

Stop with Ctrl-C; the data stay. Start over: npm run dev -- --reset
`;
}

function githubLines({ url, secret }: { url: string; secret: string }): string {
  return pc.cyan(`  BODY=samples/github/pull_request.json; SECRET='${secret}'
  curl -i '${url}' -H 'Content-Type: application/json' -H 'X-GitHub-Event: pull_request' \\
    -H "X-GitHub-Delivery: $(date +%s%N)" --data-binary @$BODY \\
    -H "X-Hub-Signature-256: sha256=$(openssl dgst -sha256 -hmac "$SECRET" -r < $BODY | cut -d' ' -f1)"
`);
}

function genericLines({ url, secret }: { url: string; secret: string }): string {
  return pc.cyan(`  BODY='{"hello":"world"}'; SECRET='${secret}'; T=$(date +%s)
  curl -i '${url}' -H 'Content-Type: application/json' -H "X-Webhook-Timestamp: $T" -d "$BODY" \\
    -H "X-Webhook-Signature: v1=$(printf %s "$T.$BODY" | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d' ' -f1)"
`);
}
