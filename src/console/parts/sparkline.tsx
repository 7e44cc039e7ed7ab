/** A row of bars without axes: how a figure moved lately. The highest bar fills the height. */

const WIDTH = 120;
const HEIGHT = 24;

/** @param about what the bars are: "Posts of each of the last 60 minutes". */
export function Sparkline({ values, about }: { values: readonly number[]; about: string }) {
  const most = Math.max(1, ...values);
  const step = WIDTH / values.length;
  const bars = values.map((value, index) => {
    const height = (value / most) * HEIGHT;
    return value === 0
      ? ''
      : `M${round(index * step)} ${HEIGHT}v-${round(height)}h${round(step * 0.8)}V${HEIGHT}z`;
  });
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${about}: at most ${Math.max(0, ...values).toLocaleString('en')}`}
    >
      <path d={bars.join('')} />
    </svg>
  );
}

function round(length: number): number {
  return Math.round(length * 100) / 100;
}
