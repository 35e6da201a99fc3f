import { Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Badge } from '../../parts/state-badge.tsx';
import type { Answers } from '../../../src/client/index.ts';

type Diagnosis = Answers['SignatureDiagnosis'];

const outcomeWords: Readonly<Record<Diagnosis['outcome'], string>> = {
  verifies:
    'With the secrets of today it verifies, judged by the time at which it came: it can be released.',
  explained: 'What is different was found:',
  unexplained:
    'Nothing that is known makes this signature: most likely the sender has another secret.',
};

/** What the signature doctor finds in a kept request, most likely first. */
export function Doctor({ id }: { id: string }): JSX.Element {
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['signature-doctor', id],
    queryFn: () =>
      answerOf(api.POST('/v1/signature-doctor', { body: { rejected_request_id: id } })),
    retry: false, // A question may take the server seconds.
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });
  return (
    <Paper component="section" withBorder p="md" aria-labelledby="doctor">
      <Stack gap="sm">
        <div>
          <Title order={2} id="doctor">
            Signature doctor
          </Title>
          {data && <Text size="sm">{outcomeWords[data.outcome]}</Text>}
        </div>
        {isFetching && !data && (
          <div role="status" aria-label="The doctor is looking">
            <Skeleton height={60} />
          </div>
        )}
        {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
        {data && <Findings diagnosis={data} />}
      </Stack>
    </Paper>
  );
}

function Findings({ diagnosis }: { diagnosis: Diagnosis }): JSX.Element {
  const { findings, outcome, tried, is_complete: isComplete } = diagnosis;
  const shown =
    outcome === 'verifies' ? findings.filter(({ code }) => code !== 'verifies') : sorted(findings);
  return (
    <>
      {shown.map(({ code, title, detail, what_to_do: advice, confidence }) => (
        <div key={`${code} ${detail}`}>
          <Group gap="xs">
            <Text fw={600}>{title}</Text>
            <Badge tone={confidence === 'certain' ? 'bad' : 'warn'}>{confidence}</Badge>
          </Group>
          <Text size="sm">{detail}</Text>
          <Text size="sm">
            <strong>What to do:</strong> {advice}
          </Text>
        </div>
      ))}
      {outcome !== 'verifies' && (
        <Text size="xs" c="dimmed">
          {tried.toLocaleString('en')} possibilities were tried
          {isComplete ? '.' : ', then a limit ended the search: there may be more.'}
        </Text>
      )}
    </>
  );
}

function sorted(findings: Diagnosis['findings']): Diagnosis['findings'] {
  return findings.toSorted(
    (a, b) => Number(b.confidence === 'certain') - Number(a.confidence === 'certain'),
  );
}
