/** Counters and what they mean, one row each. */
export const COUNTERS = {
  tokens_issued: {
    name: "tessera_tokens_issued_total",
    help: "Token responses by grant type",
    label: "grant_type",
  },
  refusals: { name: "tessera_refusals_total", help: "Refused requests by error", label: "code" },
  revocations: {
    name: "tessera_revocations_total",
    help: "Revocations by kind of token",
    label: "kind",
  },
  faults: {
    name: "tessera_faults_total",
    help: "Requests answered with 5xx by error",
    label: "code",
  },
} as const;

/** Name of a counter. */
export type CounterName = keyof typeof COUNTERS;

/** Counters of this process. */
export interface Metrics {
  /** Adds one. `label` comes from our own rows, never from a request, so that series stay few. */
  count(counter: CounterName, label: string): void;
  /** All counters in the text format of Prometheus. */
  render(): string;
}

/** Creates counters at zero. */
export function createMetrics(): Metrics {
  const values = new Map<CounterName, Map<string, number>>();
  return {
    count(counter, label) {
      const series = values.get(counter) ?? new Map<string, number>();
      values.set(counter, series.set(label, (series.get(label) ?? 0) + 1));
    },
    render() {
      const lines = (Object.keys(COUNTERS) as CounterName[]).flatMap((counter) => {
        const { name, help, label } = COUNTERS[counter];
        const series = [...(values.get(counter) ?? [])].map(
          ([value, total]) => `${name}{${label}="${value.replace(/["\\\n]/g, "_")}"} ${total}`,
        );
        return [`# HELP ${name} ${help}`, `# TYPE ${name} counter`, ...series];
      });
      return `${lines.join("\n")}\n`;
    },
  };
}
