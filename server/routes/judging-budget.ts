/** Every other request waits while expressions are evaluated: no reader may take more than this. */
const budgetMs = 250;

/** So many are judged, however long the machine takes for it. */
const judgedMin = 10;

/** @returns whether there is time to judge one more: asked once for each */
export function makeJudgingBudget(): () => boolean {
  const endsAt = performance.now() + budgetMs;
  let asked = 0;
  return () => {
    asked += 1;
    return asked <= judgedMin || performance.now() <= endsAt;
  };
}
