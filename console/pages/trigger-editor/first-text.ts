/** What a new trigger begins with: small, whole and good. */
export const firstText = `trigger: my-trigger
description: What it is for
on: { source: github, events: [pull_request] }
when: body.action == 'opened'
do:
  emit: custom.pull_request_seen
  with:
    url: \${{ body.pull_request.html_url }}
`;
