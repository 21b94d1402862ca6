// The part of Traefik's dynamic configuration that we write (https://doc.traefik.io/traefik/), as types.

export interface Router {
  readonly entryPoints: readonly string[];
  readonly rule: string;
  readonly priority: number;
  readonly service: string;
  readonly middlewares?: readonly string[];
  readonly tls: Readonly<Record<string, never>>;
}

export interface Service {
  readonly loadBalancer: {
    readonly servers: readonly { readonly url: string }[];
    readonly passHostHeader: boolean;
  };
}

export type Middleware =
  | { readonly replacePath: { readonly path: string } }
  | {
      readonly errors: {
        readonly status: readonly string[];
        readonly statusRewrites: Readonly<Record<string, number>>;
        readonly service: string;
        readonly query: string;
      };
    }
  | { readonly headers: { readonly customRequestHeaders: Readonly<Record<string, string>> } };

export interface HttpPart {
  readonly routers: Readonly<Record<string, Router>>;
  readonly services: Readonly<Record<string, Service>>;
  readonly middlewares: Readonly<Record<string, Middleware>>;
}

export interface EdgeDocument {
  readonly http: HttpPart;
}

export const emptyPart: HttpPart = { routers: {}, services: {}, middlewares: {} };

/** Puts parts together. Their names must differ: each part names its things after what they are for. */
export function joinParts(parts: readonly HttpPart[]): HttpPart {
  const joined = { routers: {}, services: {}, middlewares: {} };
  for (const part of parts) {
    Object.assign(joined.routers, part.routers);
    Object.assign(joined.services, part.services);
    Object.assign(joined.middlewares, part.middlewares);
  }
  return joined;
}
