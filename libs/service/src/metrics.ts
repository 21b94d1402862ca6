// Prometheus metrics of one process. Names start with `pods_`; ids are never labels, because each value is a series for ever.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Creates metrics in the registry of one app. `name` comes without the prefix `pods_`, in snake_case with its unit last. */
export interface Metrics {
  readonly registry: Registry;
  readonly counter: <Label extends string = never>(
    name: string,
    help: string,
    labelNames?: readonly Label[],
  ) => Counter<Label>;
  readonly gauge: <Label extends string = never>(
    name: string,
    help: string,
    labelNames?: readonly Label[],
  ) => Gauge<Label>;
  /** `buckets` in the unit of the name; by default seconds from 5 ms to 10 s. */
  readonly histogram: <Label extends string = never>(
    name: string,
    help: string,
    labelNames?: readonly Label[],
    buckets?: readonly number[],
  ) => Histogram<Label>;
}

const prefix = 'pods_';

/** A registry with the metrics of the process itself, each line labelled with the app's name. */
export function createMetrics(app: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ app });
  collectDefaultMetrics({ register: registry, prefix });
  const settings = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) => {
    labelNames.forEach(refuseIds);
    return { name: prefix + name, help, labelNames, registers: [registry] };
  };
  return {
    registry,
    counter: (name, help, labelNames = []) => new Counter(settings(name, help, labelNames)),
    gauge: (name, help, labelNames = []) => new Gauge(settings(name, help, labelNames)),
    histogram: (name, help, labelNames = [], buckets) =>
      new Histogram({
        ...settings(name, help, labelNames),
        ...(buckets === undefined ? {} : { buckets: [...buckets] }),
      }),
  };
}

function refuseIds(label: string): void {
  if (/(^|_)(id|uid|user|username|path|url)$/i.test(label) || label.endsWith('Id')) {
    throw new RangeError(`'${label}' cannot be a metric label: it has a value for each object; put it in a log field`);
  }
}
