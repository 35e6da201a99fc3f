/** Generated from `/openapi.json` by `npm run client`: not to be edited. */

export interface paths {
  "/v1/events": {
    /** Publish an event */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": components["schemas"]["NewEvent"] } };
      responses: {
        202: { headers: Record<string, string>; content: { "application/json": components["schemas"]["PublishedEvent"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** List events */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; direction?: "inbound" | "outbound"; source?: string; type?: string; integration_id?: string; from?: string; to?: string; state?: "failed"; text?: string; include?: "body"; }; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["ListedEvent"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/events/{id}": {
    /** Read an event */
    get: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Event"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/events/{id}/explain": {
    /** Explain an event: what happened, why, and what happens next */
    get: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["EventTimeline"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/events/batch": {
    /** Publish up to 500 events, each with an outcome of its own */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            /** As `NewEvent`. Each is checked and published on its own */
            events: (unknown)[];
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["BatchOutcome"])[];
        } } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/quota": {
    /** Read how many events may still be published */
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Quota"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/events/{id}/expunge": {
    /** Drop the payload of an event for good: what is still to be sent of it ends as cancelled */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            /** Who asked for it and why: for the audit log */
            reason: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["ExpungedEvent"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/event-types": {
    /** List the catalog of event types */
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["EventType"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/endpoints": {
    /** Make an endpoint; its secret is shown this once */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            url: string;
            event_types: (string)[];
            description?: (string) | (null);
            filter?: (string) | (null);
            metadata?: (Record<string, string>) | (null);
            headers?: (Record<string, string>) | (null);
            auth?: (({
              kind: "basic";
              username: string;
              password: string;
              }) | ({
              kind: "bearer";
              token: string;
              }) | ({
              kind: "oauth2";
              token_url: string;
              client_id: string;
              client_secret: string;
              scope?: (string) | (null);
              }) | ({
              kind: "mtls";
              /** PEM; may be a chain */
              certificate: string;
              /** PEM, without a passphrase */
              key: string;
            })) | (null);
            format?: ("standard" | "cloudevents-structured" | "cloudevents-binary") | (null);
            schedule?: ((string)[]) | (null);
            timeout?: (string) | (null);
            /** POSTs per second */
            rate_limit?: (number) | (null);
            /** POSTs at one time */
            in_flight_max?: (number) | (null);
            order_by?: (string) | (null);
            on_outage?: ("retry" | "park") | (null);
            redrives_on_recovery?: boolean | null;
            ack_window?: (string) | (null);
      } } };
      responses: {
        201: { headers: Record<string, string>; content: { "application/json": components["schemas"]["CreatedEndpoint"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** List endpoints with what they hold back and what came of them lately */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; state?: "enabled" | "paused" | "disabled"; text?: string; health?: "failing"; }; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["ListedEndpoint"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/endpoints/{id}": {
    /** Change an endpoint; attempts that are still to come use the new values */
    patch: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            url?: string;
            event_types?: (string)[];
            description?: (string) | (null);
            filter?: (string) | (null);
            metadata?: (Record<string, string>) | (null);
            headers?: (Record<string, string>) | (null);
            auth?: (({
              kind: "basic";
              username: string;
              password: string;
              }) | ({
              kind: "bearer";
              token: string;
              }) | ({
              kind: "oauth2";
              token_url: string;
              client_id: string;
              client_secret: string;
              scope?: (string) | (null);
              }) | ({
              kind: "mtls";
              /** PEM; may be a chain */
              certificate: string;
              /** PEM, without a passphrase */
              key: string;
            })) | (null);
            format?: ("standard" | "cloudevents-structured" | "cloudevents-binary") | (null);
            schedule?: ((string)[]) | (null);
            timeout?: (string) | (null);
            /** POSTs per second */
            rate_limit?: (number) | (null);
            /** POSTs at one time */
            in_flight_max?: (number) | (null);
            order_by?: (string) | (null);
            on_outage?: ("retry" | "park") | (null);
            redrives_on_recovery?: boolean | null;
            ack_window?: (string) | (null);
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Endpoint"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** Read an endpoint and how it does */
    get: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["EndpointWithHealth"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** Delete an endpoint; its deliveries stay readable, those it held back end as cancelled */
    delete: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        204: { headers: Record<string, string>; content: { "application/json"?: never } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/endpoints/{id}/pause": {
    /** Pause an endpoint: its deliveries are held back until it is resumed */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Endpoint"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/endpoints/{id}/disable": {
    /** Disable an endpoint: its deliveries are recorded as skipped until it is resumed */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Endpoint"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/endpoints/{id}/resume": {
    /** Enable a paused or disabled endpoint, and send or discard what it held back */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: { content: { "application/json": {
            /** Send what was held back and missed, or end it */
            held?: "deliver" | "discard";
            /** What the dry run counted; needed above 1,000 */
            confirm?: number;
            /** Only count; nothing is changed */
            dry_run?: boolean;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["ResumedEndpoint"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/endpoints/{id}/secrets": {
    /** Rotate: make a secret, shown this once; the earlier ones of its kind end after the overlap */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            /** `hmac` is shared with the consumer; of `ed25519` it gets the public key alone */
            kind?: "hmac" | "ed25519";
            /** How long the earlier secrets sign too */
            overlap_hours?: number;
      } } };
      responses: {
        201: { headers: Record<string, string>; content: { "application/json": components["schemas"]["CreatedEndpointSecret"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** List the secrets of an endpoint, without their values */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; }; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["EndpointSecret"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/endpoints/{id}/secrets/{secret_id}": {
    /** End a secret at once; the last shared one stays */
    delete: {
      parameters: { query?: never; path: { id: string; secret_id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        204: { headers: Record<string, string>; content: { "application/json"?: never } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/endpoints/{id}/test-events": {
    /** Send an example event once, at once, and tell what came of it */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            type?: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["TestedEndpoint"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** List the test events of an endpoint with what came of each */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; }; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["EndpointTest"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/integrations": {
    /** Make an integration; its secrets are shown this once */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            channel: "lark" | "wecom" | "gerrit" | "gitlab" | "github" | "gitee" | "generic";
            mode?: "native" | "platform" | "token";
            scheme?: (string) | (null);
            username?: (string) | (null);
            receive_id?: (string) | (null);
            tolerance_s?: (number) | (null);
            dedupe?: ("hash") | (null);
            description?: (string) | (null);
            /** Values by kind; what is not given is generated */
            secrets?: {
              encrypt_key?: string;
              verification_token?: string;
              platform?: string;
              token?: string;
              aes_key?: string;
              password?: string;
              secret_token?: string;
              signing_token?: string;
              secret?: string;
              sign_key?: string;
            };
      } } };
      responses: {
        201: { headers: Record<string, string>; content: { "application/json": components["schemas"]["CreatedIntegration"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** List integrations */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; channel?: "lark" | "wecom" | "gerrit" | "gitlab" | "github" | "gitee" | "generic"; }; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["Integration"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/integrations/{id}": {
    /** Change an integration; the next request is judged by what it says then */
    patch: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            mode?: "native" | "platform" | "token";
            scheme?: (string) | (null);
            username?: (string) | (null);
            receive_id?: (string) | (null);
            tolerance_s?: (number) | (null);
            dedupe?: ("hash") | (null);
            description?: (string) | (null);
            state?: "enabled" | "disabled";
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Integration"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** Delete an integration with its secrets and rejected requests; its events stay */
    delete: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        204: { headers: Record<string, string>; content: { "application/json"?: never } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** Read an integration */
    get: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Integration"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/integrations/{id}/secrets": {
    /** Rotate: add a secret, shown this once; the others of its kind end after the overlap */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            /** Needed where the scheme has several kinds */
            kind?: string;
            /** Generated when it is not given */
            value?: string;
            /** How long the earlier secrets of the kind stay valid */
            overlap_s?: number;
      } } };
      responses: {
        201: { headers: Record<string, string>; content: { "application/json": components["schemas"]["CreatedIntegrationSecret"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/integrations/{id}/secrets/{secret_id}": {
    /** Revoke a secret now; it stays in the list */
    delete: {
      parameters: { query?: never; path: { id: string; secret_id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        204: { headers: Record<string, string>; content: { "application/json"?: never } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/integrations/{id}/test-requests": {
    /** Send a sample to the integration, signed as its provider signs */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            sample?: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["TestRequest"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/channels": {
    /** List the channels, with their ways of verifying and their samples */
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["Channel"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/deliveries": {
    /** List deliveries */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; event_id?: string; endpoint_id?: string; state?: "pending" | "retrying" | "delivered" | "dead" | "parked" | "cancelled" | "skipped"; event_type?: string; from?: string; to?: string; text?: string; }; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["Delivery"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/deliveries/{id}": {
    /** Read a delivery with its attempts, made and to come */
    get: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["FullDelivery"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/deliveries/{id}/attempts": {
    /** List the attempts of a delivery, oldest first: the newest 200 */
    get: {
      parameters: { query?: { cycle?: number; }; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["Attempt"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/deliveries/{id}/request": {
    /** Show what an attempt sent and how to check its signatures, or what one will send */
    get: {
      parameters: { query?: { cycle?: number; number?: number; }; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["DeliveryRequest"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/deliveries/{id}/redrive": {
    /** Send a delivery that has ended again: opens its next cycle, once */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: { content: { "application/json": {
            /** Why, for the audit log */
            reason?: string;
      } } };
      responses: {
        202: { headers: Record<string, string>; content: { "application/json": components["schemas"]["RedrivenDelivery"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/deliveries/{id}/attempt-now": {
    /** Make the next attempt of a delivery that waits at once, or let go of a held one */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: { content: { "application/json": {
            /** Why, for the audit log */
            reason?: string;
      } } };
      responses: {
        202: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Delivery"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/deliveries/{id}/cancel": {
    /** End a delivery that waits: nothing more is sent of its cycle */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: { content: { "application/json": {
            /** Why, for the audit log */
            reason?: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Delivery"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/deliveries/{id}/hold": {
    /** Hold a delivery back until it is let go, without using up an attempt */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: { content: { "application/json": {
            /** Why, for the audit log */
            reason?: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Delivery"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/deliveries/attempt-now": {
    /** Make the next attempts of deliveries at once; with `dry_run` only count them (200) */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            ids?: (string)[];
            /** As in the list; `{}` names every one that this is possible for */
            filter?: {
              event_id?: string;
              endpoint_id?: string;
              state?: "pending" | "retrying" | "parked";
              event_type?: string;
              /** Made at or after this */
              from?: string;
              /** Made before this */
              to?: string;
              /** A delivery or event id, or its beginning: at least 4 digits */
              text?: string;
            };
            /** What the dry run matched; needed above 1,000 */
            confirm?: number;
            /** The `next_cursor` of the call before, with the same filter */
            cursor?: string;
            dry_run?: boolean;
            /** Why, for the audit log */
            reason?: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["DeliveryPreview"] } };
        202: { headers: Record<string, string>; content: { "application/json": components["schemas"]["DueDeliveries"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/deliveries/cancel": {
    /** End deliveries that wait; with `dry_run` only count them */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            ids?: (string)[];
            /** As in the list; `{}` names every one that this is possible for */
            filter?: {
              event_id?: string;
              endpoint_id?: string;
              state?: "pending" | "retrying" | "parked";
              event_type?: string;
              /** Made at or after this */
              from?: string;
              /** Made before this */
              to?: string;
              /** A delivery or event id, or its beginning: at least 4 digits */
              text?: string;
            };
            /** What the dry run matched; needed above 1,000 */
            confirm?: number;
            /** The `next_cursor` of the call before, with the same filter */
            cursor?: string;
            dry_run?: boolean;
            /** Why, for the audit log */
            reason?: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": (components["schemas"]["CancelledDeliveries"]) | (components["schemas"]["DeliveryPreview"]) } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/deliveries/hold": {
    /** Hold deliveries back until they are let go; with `dry_run` only count them */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            ids?: (string)[];
            /** As in the list; `{}` names every one that this is possible for */
            filter?: {
              event_id?: string;
              endpoint_id?: string;
              state?: "pending" | "retrying";
              event_type?: string;
              /** Made at or after this */
              from?: string;
              /** Made before this */
              to?: string;
              /** A delivery or event id, or its beginning: at least 4 digits */
              text?: string;
            };
            /** What the dry run matched; needed above 1,000 */
            confirm?: number;
            /** The `next_cursor` of the call before, with the same filter */
            cursor?: string;
            dry_run?: boolean;
            /** Why, for the audit log */
            reason?: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": (components["schemas"]["HeldDeliveries"]) | (components["schemas"]["DeliveryPreview"]) } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/deliveries/redrive": {
    /** Send deliveries that have ended again; with `dry_run` only count them (200) */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            ids?: (string)[];
            /** As in the list; `{}` names every one that this is possible for */
            filter?: {
              event_id?: string;
              endpoint_id?: string;
              state?: "delivered" | "dead" | "parked" | "cancelled" | "skipped";
              event_type?: string;
              /** Made at or after this */
              from?: string;
              /** Made before this */
              to?: string;
              /** A delivery or event id, or its beginning: at least 4 digits */
              text?: string;
            };
            /** What the dry run matched; needed above 1,000 */
            confirm?: number;
            /** The `next_cursor` of the call before, with the same filter */
            cursor?: string;
            dry_run?: boolean;
            /** Why, for the audit log */
            reason?: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["DeliveryPreview"] } };
        202: { headers: Record<string, string>; content: { "application/json": components["schemas"]["RedrivenDeliveries"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/dead-letters": {
    /** List dead letters, newest death first */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; state?: "open" | "redriven" | "discarded"; kind?: "delivery" | "trigger_run"; endpoint_id?: string; trigger?: string; reason?: string; event_type?: string; from?: string; to?: string; text?: string; }; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["DeadLetter"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/dead-letters/groups": {
    /** Group dead letters by place and reason, most first; open ones unless told otherwise */
    get: {
      parameters: { query?: { state?: "open" | "redriven" | "discarded"; kind?: "delivery" | "trigger_run"; endpoint_id?: string; trigger?: string; reason?: string; event_type?: string; from?: string; to?: string; text?: string; }; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["DeadLetterGroup"])[];
              next_cursor: string | null;
              /** There are more groups, of fewer dead letters each */
              is_cut: boolean;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/dead-letters/{id}": {
    /** Read a dead letter */
    get: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["DeadLetter"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/dead-letters/redrive": {
    /** Send dead letters again, each once; with `dry_run` only count them (200) */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            ids?: (string)[];
            /** As in the list; `{}` names every open one */
            filter?: {
              state?: "open";
              kind?: "delivery" | "trigger_run";
              endpoint_id?: string;
              trigger?: string;
              reason?: string;
              event_type?: string;
              /** Died at this instant or later */
              from?: string;
              /** Died before this instant */
              to?: string;
              /** Part of the id of the dead letter or of its event */
              text?: string;
            };
            /** What the dry run matched; needed above 1,000 */
            confirm?: number;
            /** The `next_cursor` of the page before, with the same filter */
            cursor?: string;
            dry_run?: boolean;
            /** Why they may succeed now */
            reason?: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["DeadLetterPreview"] } };
        202: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Redrive"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/dead-letters/discard": {
    /** Settle dead letters without sending them; with `dry_run` only count them */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            ids?: (string)[];
            /** As in the list; `{}` names every open one */
            filter?: {
              state?: "open";
              kind?: "delivery" | "trigger_run";
              endpoint_id?: string;
              trigger?: string;
              reason?: string;
              event_type?: string;
              /** Died at this instant or later */
              from?: string;
              /** Died before this instant */
              to?: string;
              /** Part of the id of the dead letter or of its event */
              text?: string;
            };
            /** What the dry run matched; needed above 1,000 */
            confirm?: number;
            /** The `next_cursor` of the page before, with the same filter */
            cursor?: string;
            dry_run?: boolean;
            /** Why nobody needs them any more */
            reason: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": (components["schemas"]["Discard"]) | (components["schemas"]["DeadLetterPreview"]) } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/statistics": {
    /** What happened over time, and how things stand */
    get: {
      parameters: { query?: { from?: string; to?: string; step?: "1m" | "5m" | "1h" | "1d"; }; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Statistics"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/system": {
    /** Read how the platform is and how it is set up */
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["System"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/system/accounting": {
    /** Count everything, and hold the counts against each other */
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Accounting"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/system/retention": {
    /** Show what is stored by day, until when, and what holds it */
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Retention"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/rejected-requests": {
    /** List rejected requests, newest first */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; integration_id?: string; channel?: "lark" | "wecom" | "gerrit" | "gitlab" | "github" | "gitee" | "generic"; reason?: "parameter_missing" | "duplicate_parameter" | "signature_missing" | "signature_malformed" | "signature_mismatch" | "timestamp_missing" | "timestamp_malformed" | "timestamp_out_of_tolerance" | "token_missing" | "token_mismatch" | "encryption_required" | "encrypt_key_missing" | "decrypt_failed" | "receive_id_mismatch" | "unsupported_content_type" | "unsupported_content_encoding" | "malformed_body" | "event_type_missing"; from?: string; to?: string; state?: "kept" | "released"; }; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["RejectedRequest"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/rejected-requests/{id}": {
    /** Read a rejected request, secrets replaced */
    get: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["WholeRejectedRequest"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/rejected-requests/{id}/release": {
    /** Verify a rejected request with today's secrets, and accept it once */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            /** Take it although its timestamp is out of the tolerance by now */
            ignore_time?: boolean;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["ReleasedRequest"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/rejected-requests/release": {
    /** Release all rejected requests that match */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            filter: {
              integration_id?: string;
              channel?: "lark" | "wecom" | "gerrit" | "gitlab" | "github" | "gitee" | "generic";
              reason?: "parameter_missing" | "duplicate_parameter" | "signature_missing" | "signature_malformed" | "signature_mismatch" | "timestamp_missing" | "timestamp_malformed" | "timestamp_out_of_tolerance" | "token_missing" | "token_mismatch" | "encryption_required" | "encrypt_key_missing" | "decrypt_failed" | "receive_id_mismatch" | "unsupported_content_type" | "unsupported_content_encoding" | "malformed_body" | "event_type_missing";
              from?: string;
              to?: string;
            };
            /** The `next_cursor` of the call before */
            cursor?: string;
            /** Take it although its timestamp is out of the tolerance by now */
            ignore_time?: boolean;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["BulkRelease"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/signature-doctor": {
    /** Say why a request does not verify; nothing is recorded */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            rejected_request_id?: string;
            integration_id?: string;
            request?: {
              method?: string;
              /** As on the wire, without "?" */
              query?: string;
              headers: (((never)[])[]) | (Record<string, string>);
              body?: string;
              body_base64?: string;
            };
            /** When it arrived; now, or when the rejected request was received */
            at?: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["SignatureDiagnosis"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/replays": {
    /** Replay a timeframe; with `dry_run` only show what it would start (200) */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            from: string;
            to: string;
            direction: "inbound" | "outbound";
            event_types?: (string)[];
            /** Outbound only */
            endpoint_id?: string;
            state?: "all" | "failed" | "never_attempted" | "succeeded" | "cancelled" | "skipped" | "delivered" | "dead" | "parked";
            /** Outbound only: how the last attempt was answered; `none` = not at all */
            status_class?: "2xx" | "3xx" | "4xx" | "5xx" | "none";
            /** A CEL expression over the event that must be true */
            filter?: string;
            /** Inbound only: the channel */
            source?: "lark" | "wecom" | "gerrit" | "gitlab" | "github" | "gitee" | "generic";
            /** Inbound only */
            trigger_id?: string;
            /** Where it is sent; `endpoint`, outbound only: each event to that one */
            target?: ({
              kind: "original";
              }) | ({
              kind: "endpoint";
              endpoint_id: string;
              /** Also events that the endpoint has not asked for */
              ignore_subscription?: boolean;
            });
            /** Outbound only: the next cycle of each delivery (`keep`), or new deliveries */
            ids?: "keep" | "new";
            /** By which revision of their triggers runs are started again: inbound only */
            revision?: "as_then" | "as_now";
            /** Items per second */
            rate?: number;
            dry_run?: boolean;
            /** The `confirm` of a dry run: needed above 1,000, and held to when given */
            confirm?: number;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["ReplayPreview"] } };
        202: { headers: Record<string, string>; content: { "application/json": {
              id: string;
              planned: number;
              /** There are too many to ask a `filter` about each: reckoned from the newest */
              planned_is_estimate: boolean;
              /** `planned` at the rate */
              estimated_s: number;
              revision: "as_then" | "as_now";
              state: "pending";
        } } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** List replays */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; }; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["Replay"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/replays/{id}": {
    /** Read a replay and how far it is */
    get: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Replay"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** Change how many items per second a replay starts; it takes effect at once */
    patch: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            rate: number;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Replay"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/replays/{id}/items": {
    /** List what a replay started again, or could not */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; state?: "done" | "failed"; }; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["ReplayItem"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/replays/{id}/pause": {
    /** Pause a replay: from the answer on nothing more is started */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Replay"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/replays/{id}/resume": {
    /** Let a paused replay go on */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Replay"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/replays/{id}/cancel": {
    /** End a replay; what it has started goes on */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Replay"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/replays/{id}/retry-failures": {
    /** Make a new replay of what failed in one that has ended, or died since; with `dry_run` only show it (200) */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: { content: { "application/json": {
            dry_run?: boolean;
            /** The `confirm` of a dry run: needed above 1,000, and held to when given */
            confirm?: number;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["ReplayPreview"] } };
        202: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Replay"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/triggers": {
    /** List triggers, by name */
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["Trigger"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** Save a new trigger */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            text: string;
      } } };
      responses: {
        201: { headers: Record<string, string>; content: { "application/json": components["schemas"]["TriggerWithText"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/triggers/{id}": {
    /** Read a trigger with its text */
    get: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["TriggerWithText"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** Save a new revision of a trigger; the same text makes none */
    put: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            text: string;
            /** The one that was edited: 409 when it is not the current one any more */
            revision?: number;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["TriggerWithText"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/triggers/{id}/revisions": {
    /** List the revisions of a trigger, newest first */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; }; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["TriggerRevision"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/triggers/{id}/disable": {
    /** Let a trigger fire no more, until it is enabled */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["TriggerWithText"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/triggers/{id}/enable": {
    /** Let a trigger fire again that was disabled, or that the platform holds */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["TriggerWithText"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/triggers/validate": {
    /** Say everything that is wrong with the text of a trigger; nothing is saved */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            text: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["TriggerValidation"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/triggers/dry-run": {
    /** Say what a text would make of an event, and why; nothing is done */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            text: string;
            event_id?: string;
            /** As `github/pull_request`: a recorded event of this build */
            sample?: string;
            /** For a join: the id of the event of each part */
            parts?: Record<string, string>;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["TriggerDryRun"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/triggers/{id}/dry-run": {
    /** Say what a trigger, or a changed text of it, would make of an event, and why */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            text?: string;
            event_id?: string;
            /** As `github/pull_request`: a recorded event of this build */
            sample?: string;
            /** For a join: the id of the event of each part */
            parts?: Record<string, string>;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["TriggerDryRun"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/triggers/backtest": {
    /** Say what a text would have made of the events of a timeframe; nothing is done */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            text: string;
            from: string;
            to?: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["TriggerBacktest"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/triggers/{id}/backtest": {
    /** The same for a trigger, or a changed text of it, against its runs */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            text?: string;
            from: string;
            to?: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["TriggerBacktest"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/trigger-runs": {
    /** List trigger runs */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; event_id?: string; trigger_id?: string; state?: "pending" | "running" | "succeeded" | "failed" | "cancelled" | "skipped"; from?: string; to?: string; text?: string; }; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["TriggerRun"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/trigger-runs/{id}": {
    /** Read a trigger run */
    get: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["TriggerRunWithGuards"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/trigger-runs/{id}/redrive": {
    /** Start the next cycle of a trigger run that has ended */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: { content: { "application/json": {
            /** Why, for the audit log */
            reason?: string;
      } } };
      responses: {
        202: { headers: Record<string, string>; content: { "application/json": components["schemas"]["TriggerRun"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/imports": {
    /** Import issues */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            source: string;
            /** Issues: `{repository, number, title, state, url}`. Each is checked on its own: a bad one is an error of that item */
            items: (unknown)[];
      } } };
      responses: {
        202: { headers: Record<string, string>; content: { "application/json": {
              id: string;
              state: "pending";
        } } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** List imports */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; state?: "pending" | "completed" | "cancelled" | "failed"; source?: string; }; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["Import"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/imports/{id}": {
    /** Read an import and what could not be taken */
    get: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["ReadImport"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/budgets": {
    /** Set a budget; the same period, amount and currency are the same budget */
    put: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            /** Of UTC */
            period: "day" | "month";
            amount: number;
            currency: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Budget"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** List budgets with what is spent of them */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; }; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["Budget"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/budgets/{id}": {
    /** Delete a budget; what is spent stays counted */
    delete: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        204: { headers: Record<string, string>; content: { "application/json"?: never } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/sessions": {
    /** Open a session, or hand `input` to the active one of the same name and key (200) */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            name: string;
            key?: string;
            user_id: string;
            input?: unknown;
      } } };
      responses: {
        201: { headers: Record<string, string>; content: { "application/json": {
              id: string;
              name: string;
              key: string | null;
              user_id: string;
              state: "active" | "finished" | "archived";
              /** The trigger run that opened it */
              run_id: string | null;
              /** The event of that run */
              event_id: string | null;
              /** What the agent was started with */
              input: unknown;
              entry_count: number;
              cost: number | null;
              currency: string | null;
              artifacts: ((unknown)[]) | (null);
              /** Why it was finished without a result */
              failure: string | null;
              created_at: string;
              /** Of its last entry */
              last_active_at: string;
              finished_at: (string) | (null);
              archived_at: (string) | (null);
              /** The entry that hands `input` to a session that was open; null = it is a new one */
              entry_number: (number) | (null);
        } } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** List sessions */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; state?: "active" | "finished" | "archived"; name?: string; key?: string; from?: string; to?: string; text?: string; }; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["Session"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/sessions/{id}": {
    /** Read a session */
    get: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Session"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/sessions/{id}/entries": {
    /** List what was said to a session and what it did, oldest first */
    get: {
      parameters: { query?: { limit?: number; after?: number; kind?: "event" | "step" | "tool" | "finish" | "archive" | "error"; }; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["SessionEntry"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/sessions/{id}/archive": {
    /** Archive a session: it takes nothing more; the agent is told if it was at work */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Session"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/sessions/{id}/steps": {
    /** Report a step of the agent: publishes `agent.step` */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            action: string;
            confidence: number;
            /** The agent's own: a report that is repeated under it is the same report */
            id: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["SessionEntry"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/sessions/{id}/tools": {
    /** Report a tool call: publishes `tool.called`, and with `error` also `tool.error` */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            /** The agent's own: a report that is repeated under it is the same report */
            id: string;
            tool_name: string;
            /** Hashed, and not kept */
            args?: unknown;
            args_hash?: string;
            error?: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["SessionEntry"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/sessions/{id}/finish": {
    /** Finish a session: publishes `session.finished`, and its cost counts for the budgets */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            cost: number;
            currency?: string;
            artifacts?: (unknown)[];
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["Session"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/api-keys": {
    /** List API keys, revoked ones too */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; }; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["ApiKey"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
    /** Make an API key; it is shown this once */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            name: string;
            scopes: ("read" | "write")[];
            /** Without it the key never ends */
            expires_at?: string;
      } } };
      responses: {
        201: { headers: Record<string, string>; content: { "application/json": components["schemas"]["CreatedApiKey"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/api-keys/{id}": {
    /** Revoke an API key, for good; it stays in the list */
    delete: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        204: { headers: Record<string, string>; content: { "application/json"?: never } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/login-links": {
    /** Make a link that logs a browser in, once */
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        201: { headers: Record<string, string>; content: { "application/json": components["schemas"]["LoginLink"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/audit-log": {
    /** List who did what */
    get: {
      parameters: { query?: { limit?: number; cursor?: string; action?: string; subject?: string; }; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": {
              data: (components["schemas"]["AuditEntry"])[];
              next_cursor: string | null;
        } } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
  "/v1/deliveries/{id}/ack": {
    /** Acknowledge a delivery that was answered with `webhook-ack: later`; needs its token */
    post: {
      parameters: { query?: never; path: { id: string; }; header?: never; cookie?: never };
      requestBody: { content: { "application/json": {
            /** The `webhook-ack-token` of the attempt, unless it is in `Authorization` */
            token?: string;
            outcome?: "delivered" | "failed";
            /** Of `failed`: why, for people */
            detail?: string;
      } } };
      responses: {
        200: { headers: Record<string, string>; content: { "application/json": components["schemas"]["AcknowledgedDelivery"] } };
        409: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        422: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
        default: { headers: Record<string, string>; content: { "application/problem+json": components["schemas"]["Problem"] } };
      };
    };
  };
}

export interface components {
  schemas: {
    NewEvent: {
      type: string;
      data: unknown;
      /** Your own: published twice under one id, it is one event */
      event_id?: string;
    };
    PublishedEvent: {
      /** Of a duplicate: the first one’s */
      id: string;
      type: string;
      status: "accepted" | "duplicate";
      /** To how many endpoints it is sent, to a paused one when it is resumed; of a duplicate none */
      deliveries: number;
      /** How many endpoints asked for its type and do not get it, which is recorded: they are disabled, or their filter has no value; of a duplicate none */
      skipped: number;
    };
    /** What every answer but a success looks like (RFC 9457). */
    Problem: {
      type: string;
      title: string;
      status: number;
      detail: string;
      request_id: string;
      errors?: ({
        pointer: string;
        detail: string;
      })[];
    };
    /** An event in a list; headers and body only with `include=body`. */
    ListedEvent: {
      id: string;
      direction: "inbound" | "outbound";
      source: string;
      type: string;
      tenant_id: string;
      /** Whose address it came to */
      integration_id: string | null;
      received_at: string;
      dedupe_id: string | null;
      content_type: string | null;
      body_bytes: number;
      /** When headers, query and body were dropped; null = they are kept */
      payload_dropped_at: (string) | (null);
      /** Because the time they are kept was over, or a person asked for it */
      payload_dropped_for: ("age" | "request") | (null);
      headers?: Record<string, string>;
      /** Parsed JSON, or text; null when it is neither */
      body?: unknown;
      /** Only when the body is not text */
      body_base64?: string;
      /** For a body over 64 KiB: read the event alone for it */
      is_body_left_out?: boolean;
    };
    /** A fact, inbound or outbound, as it was recorded. */
    Event: {
      id: string;
      direction: "inbound" | "outbound";
      source: string;
      type: string;
      tenant_id: string;
      /** Whose address it came to */
      integration_id: string | null;
      received_at: string;
      dedupe_id: string | null;
      content_type: string | null;
      body_bytes: number;
      /** When headers, query and body were dropped; null = they are kept */
      payload_dropped_at: (string) | (null);
      /** Because the time they are kept was over, or a person asked for it */
      payload_dropped_for: ("age" | "request") | (null);
      /** As on the wire, without "?" */
      query: string;
      traceparent: string | null;
      headers: Record<string, string>;
      /** Parsed JSON, or text; null when it is neither */
      body: unknown;
      /** Only when the body is not text */
      body_base64?: string;
      /** The first 1 MiB as they came; null when it is not text */
      body_text: string | null;
      /** `body_text` is not all of it */
      is_body_cut: boolean;
    };
    /** What happened to an event and what followed. */
    EventTimeline: {
      event: {
        id: string;
        direction: "inbound" | "outbound";
        source: string;
        type: string;
        integration_id: string | null;
        dedupe_id: string | null;
        traceparent: string | null;
        received_at: string;
        content_type: string | null;
        body_bytes: number;
      };
      /** Of what came in */
      verification: ({
        channel: string;
        mode: string | null;
        scheme: string | null;
        integration_id: string | null;
        verified: boolean;
        note: string;
      }) | (null);
      /** Where an outbound event came from; null where nobody knows */
      caused_by: (({
        run_id: string;
        trigger: string;
        event_id: string;
      }) | ("api")) | (null);
      /** Every trigger, by name */
      triggers: ({
        trigger_id: string;
        trigger: string;
        /** The run's, else the one of today */
        revision: number;
        /** False also where its run was skipped */
        fired: boolean;
        run_id: string | null;
        why: string;
        /** The smallest part of a condition that decided; null where none did */
        decisive: ({
          expression: string;
          /** Where it begins in its condition, in characters from 0 */
          offset: number;
          /** `false`, `true`, or `failed: ` and why */
          outcome: string;
          /** Of what it compares */
          values: ({
            expression: string;
            /** JSON, cut to 120 characters */
            value: string;
          })[];
        }) | (null);
        is_current_revision_newer_than_event: boolean;
      })[];
      runs: ({
        id: string;
        trigger_id: string;
        trigger: string;
        revision: number;
        state: "pending" | "running" | "succeeded" | "failed" | "cancelled" | "skipped";
        reason: string | null;
        cycle: number;
        workflow_id: string;
        created_at: string;
        started_at: (string) | (null);
        ended_at: (string) | (null);
        emitted: ({
          event_id: string;
          type: string;
        })[];
      })[];
      emitted_events: ({
        event_id: string;
        type: string;
        run_id: string;
        received_at: string;
      })[];
      /** Of it, or of what its runs emitted */
      deliveries: ({
        id: string;
        event_id: string;
        event_type: string;
        endpoint_id: string;
        endpoint_url: string | null;
        state: "pending" | "retrying" | "delivered" | "dead" | "parked" | "cancelled" | "skipped";
        cycle: number;
        attempt_count: number;
        last_reason: string | null;
        next_attempt_at: (string) | (null);
        workflow_id: string;
        created_at: string;
        ended_at: (string) | (null);
        attempts: ({
          number: number;
          cycle: number;
          started_at: string;
          duration_ms: number;
          status: (number) | (null);
          reason: string | null;
        })[];
      })[];
      /** The endpoints that have no delivery of an outbound event, and why: judged by their settings of today, which may have been changed since; null of an inbound one */
      not_sent_to: ({
        /** Oldest first; no deleted ones */
        endpoints: ({
          endpoint_id: string;
          endpoint_url: string;
          /** By its event types, its filter and its age; whether it was paused does not matter, for that leaves a delivery */
          why: string;
          /** The smallest part of a condition that decided; null where none did */
          decisive: ({
            expression: string;
            /** Where it begins in its condition, in characters from 0 */
            offset: number;
            /** `false`, `true`, or `failed: ` and why */
            outcome: string;
            /** Of what it compares */
            values: ({
              expression: string;
              /** JSON, cut to 120 characters */
              value: string;
            })[];
          }) | (null);
          is_newer_than_event: boolean;
        })[];
        /** There are more than the 100 that are told */
        is_cut: boolean;
      }) | (null);
      /** All of it in the order of time */
      steps: ({
        at: string;
        kind: "event" | "verification" | "trigger_run" | "emitted" | "delivery" | "attempt" | "next";
        title: string;
        detail: string;
        href_kind: "event" | "integration" | "trigger_run" | "delivery";
        /** Of what `href_kind` says */
        id: string;
      })[];
      /** There is more than is told here; `not_sent_to` says so of itself */
      is_cut: boolean;
    };
    BatchOutcome: {
      index: number;
      status: "accepted" | "duplicate" | "rejected";
      /** Of a duplicate: the first one’s */
      id?: string;
      /** To how many endpoints it is sent, to a paused one when it is resumed; of a duplicate none */
      deliveries?: number;
      /** How many endpoints asked for its type and do not get it, which is recorded: they are disabled, or their filter has no value; of a duplicate none */
      skipped?: number;
      /** Why it is rejected */
      problem?: {
        code: string;
        title: string;
        detail: string;
        /** Pointers into the event */
        errors: ({
          pointer: string;
          detail: string;
        })[];
        retry_after_s?: number;
      };
    };
    /** How many events may be published in a minute. */
    Quota: {
      /** Events per minute; null = no limit */
      limit: (number) | (null);
      /** Of this minute; 0 where there is no limit */
      used: number;
      /** When the next minute begins */
      resets_at: string;
    };
    /** An event without its payload. */
    ExpungedEvent: {
      id: string;
      payload_dropped_at: string;
    };
    /** A type of event that the platform publishes. */
    EventType: {
      type: string;
      description: string;
      when: string;
      /** Only endpoints that name it get it; a glob does not bring it */
      is_verbose: boolean;
      /** Of the platform itself: only endpoints that name it, or its beginning, get it */
      is_operational: boolean;
      example: unknown;
      /** JSON Schema of `data` */
      schema: unknown;
    };
    /** An endpoint with its first secret. */
    CreatedEndpoint: {
      id: string;
      url: string;
      event_types: (string)[];
      state: "enabled" | "paused" | "disabled";
      state_reason: string | null;
      /** Since when it is not enabled */
      state_since: (string) | (null);
      description: string | null;
      created_at: string;
      /** Parked deliveries that a resume sends: held by a pause or an outage */
      held: number;
      /** Deliveries that it missed since it was disabled: a resume sends them too */
      skipped: number;
      filter: string | null;
      metadata: Record<string, string>;
      headers: Record<string, string>;
      auth: (components["schemas"]["EndpointAuth"]) | (null);
      format: "standard" | "cloudevents-structured" | "cloudevents-binary";
      schedule: ((string)[]) | (null);
      timeout: string | null;
      rate_limit: (number) | (null);
      in_flight_max: (number) | (null);
      order_by: string | null;
      on_outage: "retry" | "park";
      redrives_on_recovery: boolean;
      ack_window: string | null;
      /** What holds for it: its own, or the platform's */
      effective: {
        schedule: (string)[];
        timeout: string;
      };
      /** Shown this once */
      secret: string;
    };
    /** How attempts introduce themselves, without secrets. */
    EndpointAuth: ({
      kind: "basic";
      username: string;
      }) | ({
      kind: "bearer";
      }) | ({
      kind: "oauth2";
      token_url: string;
      client_id: string;
      scope: string | null;
      }) | ({
      kind: "mtls";
      subject: string;
      valid_to: string;
    });
    /** An endpoint and what came of it lately. */
    ListedEndpoint: {
      id: string;
      url: string;
      event_types: (string)[];
      state: "enabled" | "paused" | "disabled";
      state_reason: string | null;
      /** Since when it is not enabled */
      state_since: (string) | (null);
      description: string | null;
      created_at: string;
      /** Parked deliveries that a resume sends: held by a pause or an outage */
      held: number;
      /** Deliveries that it missed since it was disabled: a resume sends them too */
      skipped: number;
      filter: string | null;
      metadata: Record<string, string>;
      headers: Record<string, string>;
      auth: (components["schemas"]["EndpointAuth"]) | (null);
      format: "standard" | "cloudevents-structured" | "cloudevents-binary";
      schedule: ((string)[]) | (null);
      timeout: string | null;
      rate_limit: (number) | (null);
      in_flight_max: (number) | (null);
      order_by: string | null;
      on_outage: "retry" | "park";
      redrives_on_recovery: boolean;
      ack_window: string | null;
      /** What holds for it: its own, or the platform's */
      effective: {
        schedule: (string)[];
        timeout: string;
      };
      /** Of its newest deliveries of the last 24 hours: at most 50 */
      recent: {
        deliveries: number;
        delivered: number;
        retrying: number;
        dead: number;
        last_delivery_at: (string) | (null);
        /** When the newest of the retrying and dead ones was made */
        last_failed_at: (string) | (null);
      };
      /** How badly it fails: 0 = it does not, or hardly; from 1 on `endpoint.failing` was sent */
      stage: number;
    };
    /** A customer's URL with its secret and state. */
    Endpoint: {
      id: string;
      url: string;
      event_types: (string)[];
      state: "enabled" | "paused" | "disabled";
      state_reason: string | null;
      /** Since when it is not enabled */
      state_since: (string) | (null);
      description: string | null;
      created_at: string;
      /** Parked deliveries that a resume sends: held by a pause or an outage */
      held: number;
      /** Deliveries that it missed since it was disabled: a resume sends them too */
      skipped: number;
      filter: string | null;
      metadata: Record<string, string>;
      headers: Record<string, string>;
      auth: (components["schemas"]["EndpointAuth"]) | (null);
      format: "standard" | "cloudevents-structured" | "cloudevents-binary";
      schedule: ((string)[]) | (null);
      timeout: string | null;
      rate_limit: (number) | (null);
      in_flight_max: (number) | (null);
      order_by: string | null;
      on_outage: "retry" | "park";
      redrives_on_recovery: boolean;
      ack_window: string | null;
      /** What holds for it: its own, or the platform's */
      effective: {
        schedule: (string)[];
        timeout: string;
      };
    };
    /** An endpoint and how it does. */
    EndpointWithHealth: {
      id: string;
      url: string;
      event_types: (string)[];
      state: "enabled" | "paused" | "disabled";
      state_reason: string | null;
      /** Since when it is not enabled */
      state_since: (string) | (null);
      description: string | null;
      created_at: string;
      /** Parked deliveries that a resume sends: held by a pause or an outage */
      held: number;
      /** Deliveries that it missed since it was disabled: a resume sends them too */
      skipped: number;
      filter: string | null;
      metadata: Record<string, string>;
      headers: Record<string, string>;
      auth: (components["schemas"]["EndpointAuth"]) | (null);
      format: "standard" | "cloudevents-structured" | "cloudevents-binary";
      schedule: ((string)[]) | (null);
      timeout: string | null;
      rate_limit: (number) | (null);
      in_flight_max: (number) | (null);
      order_by: string | null;
      on_outage: "retry" | "park";
      redrives_on_recovery: boolean;
      ack_window: string | null;
      /** What holds for it: its own, or the platform's */
      effective: {
        schedule: (string)[];
        timeout: string;
      };
      /** Of its newest deliveries of the last 24 hours: at most 1,000 */
      health: {
        last_24h: {
          deliveries: number;
          delivered: number;
          dead: number;
          attempts: number;
          failed_attempts: number;
        };
        /** Delivered attempts of all, 0 to 1; null without attempts */
        success_rate: number | null;
        p50_ms: (number) | (null);
        p95_ms: (number) | (null);
        /** How long the consumer has to answer */
        deadline_ms: number;
        /** Since the last attempt that was delivered */
        consecutive_failures: number;
        /** How badly it fails: 0 = it does not, or hardly; from 1 on `endpoint.failing` was sent */
        stage: number;
        failing_since: (string) | (null);
        /** While its deliveries wait because it does not answer */
        outage: ({
          since: string;
          /** Deliveries that were let go alone, and failed */
          probes: number;
          next_probe_at: (string) | (null);
          /** Deliveries that wait for its end */
          parked: number;
        }) | (null);
        /** It answers, and gets what waited by and by */
        recovering: boolean;
        last_success_at: (string) | (null);
        last_failure_at: (string) | (null);
      };
    };
    ResumedEndpoint: {
      endpoint: components["schemas"]["Endpoint"];
      /** Deliveries that were held back or missed and are sent */
      resumed: number;
      /** Deliveries that were held back and end as cancelled */
      discarded: number;
    };
    /** A new secret of an endpoint. */
    CreatedEndpointSecret: {
      id: string;
      /** `hmac` is shared with the consumer; of `ed25519` it gets the public key alone */
      kind: "hmac" | "ed25519";
      /** `whpk_…`: verifies `v1a` in `webhook-signature`; null for `hmac` */
      public_key: string | null;
      created_at: string;
      /** From then on it signs nothing; null = it signs until it is replaced */
      expires_at: (string) | (null);
      /** Shown this once; null for `ed25519`: nobody needs it but us */
      secret: string | null;
    };
    /** A secret of an endpoint, never its value. */
    EndpointSecret: {
      id: string;
      /** `hmac` is shared with the consumer; of `ed25519` it gets the public key alone */
      kind: "hmac" | "ed25519";
      /** `whpk_…`: verifies `v1a` in `webhook-signature`; null for `hmac` */
      public_key: string | null;
      created_at: string;
      /** From then on it signs nothing; null = it signs until it is replaced */
      expires_at: (string) | (null);
    };
    /** What a test event came to. */
    TestedEndpoint: {
      is_test: true;
      type: string;
      /** Null when no answer came in time */
      status: (number) | (null);
      /** Why it failed, as of an attempt */
      reason: string | null;
      duration_ms: number;
      is_delivered: boolean;
      /** The endpoint's own timeout, or the platform's */
      deadline_ms: number;
      /** Null where a connection of before was used, or it did not come to it */
      timings: {
        dns_ms: (number) | (null);
        connect_ms: (number) | (null);
        tls_ms: (number) | (null);
        /** From the connection to the answer */
        first_byte_ms: (number) | (null);
      };
      url: string;
      /** `authorization` is shown as `***` */
      request_headers: Record<string, string>;
      request_body: string;
      response_headers: Record<string, string>;
      /** At most 16 KiB; of the reason `auth`, what the token endpoint did */
      response_body: string;
    };
    /** A test event of before, as the audit log keeps it. */
    EndpointTest: {
      is_test: true;
      type: string;
      /** Null when no answer came in time */
      status: (number) | (null);
      /** Why it failed, as of an attempt */
      reason: string | null;
      duration_ms: number;
      id: string;
      at: string;
      actor: string;
    };
    /** An integration with its first secrets. */
    CreatedIntegration: {
      id: string;
      channel: "lark" | "wecom" | "gerrit" | "gitlab" | "github" | "gitee" | "generic";
      mode: "native" | "platform" | "token";
      scheme: string | null;
      username: string | null;
      receive_id: string | null;
      /** null = the channel's default */
      tolerance_s: (number) | (null);
      dedupe: ("hash") | (null);
      description: string | null;
      state: "enabled" | "disabled";
      /** The address to give to the provider */
      url: string;
      created_at: string;
      secrets: (components["schemas"]["CreatedIntegrationSecret"])[];
    };
    /** A new secret with its value. */
    CreatedIntegrationSecret: {
      id: string;
      /** As the provider's pages call it */
      kind: string;
      state: "active" | "expiring" | "expired" | "revoked";
      created_at: string;
      expires_at: (string) | (null);
      /** Requests it has verified */
      used_count: number;
      last_used_at: (string) | (null);
      /** null for the newest of a kind, and for what has already ended */
      safe_to_drop: boolean | null;
      safe_to_drop_reason: string | null;
      /** Shown this once */
      value: string;
    };
    /** A tenant's configured channel. */
    Integration: {
      id: string;
      channel: "lark" | "wecom" | "gerrit" | "gitlab" | "github" | "gitee" | "generic";
      mode: "native" | "platform" | "token";
      scheme: string | null;
      username: string | null;
      receive_id: string | null;
      /** null = the channel's default */
      tolerance_s: (number) | (null);
      dedupe: ("hash") | (null);
      description: string | null;
      state: "enabled" | "disabled";
      /** The address to give to the provider */
      url: string;
      created_at: string;
      /** Newest first */
      secrets: (components["schemas"]["IntegrationSecret"])[];
    };
    /** A secret of an integration, without its value. */
    IntegrationSecret: {
      id: string;
      /** As the provider's pages call it */
      kind: string;
      state: "active" | "expiring" | "expired" | "revoked";
      created_at: string;
      expires_at: (string) | (null);
      /** Requests it has verified */
      used_count: number;
      last_used_at: (string) | (null);
      /** null for the newest of a kind, and for what has already ended */
      safe_to_drop: boolean | null;
      safe_to_drop_reason: string | null;
    };
    /** A signed test and what the ingress made of it. */
    TestRequest: {
      /** What the ingress answered */
      status: number;
      /** Its body: parsed JSON, or text */
      body: unknown;
      /** null when nothing was taken, or where nothing on the wire tells it */
      event_id: string | null;
      sample: string;
      request: {
        method: "GET" | "POST";
        url: string;
        /** Secrets are `***` */
        headers: Record<string, string>;
      };
    };
    /** An inbound provider and its ways of signing. */
    Channel: {
      channel: "lark" | "wecom" | "gerrit" | "gitlab" | "github" | "gitee" | "generic";
      /** The default first */
      schemes: ({
        mode: "native" | "platform" | "token";
        scheme: string | null;
        /** The kinds of secret it verifies with */
        kinds: (string)[];
        is_one_kind_enough: boolean;
        needs_username: boolean;
        needs_receive_id: boolean;
      })[];
      /** What a signed test can send */
      samples: (string)[];
      docs: string;
    };
    /** One event on its way to one endpoint. */
    Delivery: {
      id: string;
      event_id: string;
      event_type: string;
      endpoint_id: string;
      /** As it is today */
      endpoint_url: string | null;
      state: "pending" | "retrying" | "delivered" | "dead" | "parked" | "cancelled" | "skipped";
      cycle: number;
      /** The workflow of the current cycle in Temporal */
      workflow_id: string;
      attempt_count: number;
      next_attempt_at: (string) | (null);
      last_status: (number) | (null);
      last_reason: string | null;
      created_at: string;
      ended_at: (string) | (null);
    };
    /** A delivery with its attempts, made and to come. */
    FullDelivery: {
      id: string;
      event_id: string;
      event_type: string;
      endpoint_id: string;
      /** As it is today */
      endpoint_url: string | null;
      state: "pending" | "retrying" | "delivered" | "dead" | "parked" | "cancelled" | "skipped";
      cycle: number;
      /** The workflow of the current cycle in Temporal */
      workflow_id: string;
      attempt_count: number;
      next_attempt_at: (string) | (null);
      last_status: (number) | (null);
      last_reason: string | null;
      created_at: string;
      ended_at: (string) | (null);
      /** Waits before each attempt, in milliseconds */
      schedule: (number)[];
      /** Those of one endpoint and key go one after another */
      order_key: string | null;
      /** It waits until others of its key have ended */
      is_in_line: boolean;
      /** The first of its key, while it is in line behind it */
      waits_for: string | null;
      /** The delivery that a replay has sent once more as this one */
      replay_of: string | null;
      ladder: (components["schemas"]["Rung"])[];
      /** The newest 20 */
      cycles: (components["schemas"]["DeliveryCycle"])[];
      endpoint: ({
        id: string;
        url: string;
        state: "enabled" | "paused" | "disabled";
        is_deleted: boolean;
      }) | (null);
    };
    /** One attempt of the current cycle, made or not: `scheduled` is the next one, `waiting` may come after it, `unused` is not needed any more. */
    Rung: {
      number: number;
      /** By the schedule; Retry-After can lengthen it */
      planned_wait_ms: number;
      state: "done" | "failed" | "running" | "scheduled" | "waiting" | "unused";
      /** When it began, or is due; null when not known */
      at: (string) | (null);
      attempt?: components["schemas"]["AttemptFacts"];
    };
    /** One POST of a delivery, without the answer. */
    AttemptFacts: {
      number: number;
      cycle: number;
      started_at: string;
      /** Unix seconds, as they were signed */
      timestamp: string;
      duration_ms: number;
      status: (number) | (null);
      reason: string | null;
      /** The wait that the consumer asked for */
      retry_after_ms: (number) | (null);
      /** The wait after it; null when no attempt followed by the schedule */
      next_wait_ms: (number) | (null);
    };
    /** One schedule of attempts: one workflow. */
    DeliveryCycle: {
      cycle: number;
      workflow_id: string;
      attempts: (components["schemas"]["AttemptFacts"])[];
    };
    /** One POST of a delivery. */
    Attempt: {
      number: number;
      cycle: number;
      started_at: string;
      /** Unix seconds, as they were signed */
      timestamp: string;
      duration_ms: number;
      status: (number) | (null);
      reason: string | null;
      /** The wait that the consumer asked for */
      retry_after_ms: (number) | (null);
      /** The wait after it; null when no attempt followed by the schedule */
      next_wait_ms: (number) | (null);
      response_headers: Record<string, string>;
      response_body: string;
      /** What the consumer said when it refused to acknowledge it */
      ack_detail: string | null;
    };
    /** What an attempt sent, or will send. */
    DeliveryRequest: {
      /** False for an attempt to come, and for one that failed with `auth`: no POST was made */
      is_sent: boolean;
      cycle: number;
      number: number;
      /** When the attempt began; for one to come, now */
      at: string;
      method: "POST";
      /** The endpoint's of today */
      url: string;
      /** The endpoint's of today: an attempt of before may have had another */
      format: "standard" | "cloudevents-structured" | "cloudevents-binary";
      /** In the format and with the own headers and auth that the endpoint has today. `authorization` is `***`; the signatures of an attempt to come are null: it is signed when it is sent */
      headers: Record<string, string | null>;
      /** In that format; null when it is no text */
      body: string | null;
      /** Only when it is no text */
      body_base64?: string;
      timestamp: string;
      signed: ({
        header: string;
        scheme: string;
        algorithm: string;
        /** What is signed: this, and the bytes of the body right behind it */
        base_string_prefix: string;
        key_hint: string;
      })[];
      verify: {
        /** Prints both signatures, with the secret in the variable SECRET */
        shell: string;
      };
    };
    /** A delivery and the cycle that was opened. */
    RedrivenDelivery: {
      id: string;
      cycle: number;
      workflow_id: string;
    };
    /** A dry run: nothing is changed. */
    DeliveryPreview: {
      matched: number;
      sample: (components["schemas"]["Delivery"])[];
    };
    DueDeliveries: {
      /** Those it is possible for, when this call began */
      matched: number;
      /** Of those matched, what is left for the next call */
      remaining: number;
      /** For the next call; null at the end */
      next_cursor: string | null;
      due: number;
      /** One per id, in the order given; of a filter oldest first */
      results: ({
        id: string;
        state: "due" | "refused";
        reason?: string;
      })[];
    };
    CancelledDeliveries: {
      /** Those it is possible for, when this call began */
      matched: number;
      /** Of those matched, what is left for the next call */
      remaining: number;
      /** For the next call; null at the end */
      next_cursor: string | null;
      cancelled: number;
      /** One per id, in the order given; of a filter oldest first */
      results: ({
        id: string;
        state: "cancelled" | "refused";
        reason?: string;
      })[];
    };
    HeldDeliveries: {
      /** Those it is possible for, when this call began */
      matched: number;
      /** Of those matched, what is left for the next call */
      remaining: number;
      /** For the next call; null at the end */
      next_cursor: string | null;
      held: number;
      /** One per id, in the order given; of a filter oldest first */
      results: ({
        id: string;
        state: "held" | "refused";
        reason?: string;
      })[];
    };
    RedrivenDeliveries: {
      /** Those it is possible for, when this call began */
      matched: number;
      /** Of those matched, what is left for the next call */
      remaining: number;
      /** For the next call; null at the end */
      next_cursor: string | null;
      redriven: number;
      /** One per id, in the order given; of a filter oldest first */
      results: ({
        id: string;
        state: "redriven" | "refused";
        reason?: string;
      })[];
    };
    /** A delivery or trigger run whose attempts are spent. */
    DeadLetter: {
      id: string;
      kind: "delivery" | "trigger_run";
      /** The delivery or trigger run */
      subject_id: string;
      cycle: number;
      /** The failed workflow in Temporal */
      workflow_id: string;
      event_id: string;
      event_type: string;
      endpoint_id: string | null;
      /** Null also when it was deleted */
      endpoint_url: string | null;
      trigger: string | null;
      reason: string;
      died_at: string;
      state: "open" | "redriven" | "discarded";
      settled_at: (string) | (null);
      /** A key, or `console` */
      settled_by: string | null;
      settled_reason: string | null;
    };
    /** What died of one reason at one place. */
    DeadLetterGroup: {
      kind: "delivery" | "trigger_run";
      endpoint_id: string | null;
      endpoint_url: string | null;
      trigger: string | null;
      reason: string;
      count: number;
      first_died_at: string;
      last_died_at: string;
    };
    /** A dry run: nothing is changed. */
    DeadLetterPreview: {
      matched: number;
      sample: (components["schemas"]["DeadLetter"])[];
    };
    Redrive: {
      /** Open ones, when this call began */
      matched: number;
      /** Of those matched, what is left for the next call */
      remaining: number;
      /** For the next call; null at the end */
      next_cursor: string | null;
      redriven: number;
      /** One per id, in the order given; of a filter oldest first */
      results: ({
        id: string;
        state: "redriven" | "refused";
        reason?: string;
      })[];
    };
    Discard: {
      /** Open ones, when this call began */
      matched: number;
      /** Of those matched, what is left for the next call */
      remaining: number;
      /** For the next call; null at the end */
      next_cursor: string | null;
      discarded: number;
      /** One per id, in the order given; of a filter oldest first */
      results: ({
        id: string;
        state: "discarded" | "refused";
        reason?: string;
      })[];
    };
    Statistics: {
      from: string;
      to: string;
      step: "1m" | "5m" | "1h" | "1d";
      buckets: (components["schemas"]["StatisticsBucket"])[];
      now: components["schemas"]["Standing"];
    };
    StatisticsBucket: {
      /** The beginning of the step */
      at: string;
      /** Inbound events */
      accepted: number;
      /** Outbound events */
      published: number;
      delivered: number;
      /** Deliveries whose attempts were spent */
      dead: number;
      /** Requests that were refused, and are still kept */
      rejected: number;
    };
    /** How things stand at this moment. */
    Standing: {
      pending: number;
      retrying: number;
      parked: number;
      /** Open dead letters of deliveries */
      dead_open: number;
      /** Open dead letters of trigger runs */
      failed_runs_open: number;
      rejected_kept: number;
      /** When the oldest pending or retrying delivery was made, or its cycle opened */
      oldest_waiting_at: (string) | (null);
      /** When the oldest attempt was due, of those that are late by more than a minute */
      oldest_overdue_at: (string) | (null);
      endpoints_paused: number;
      endpoints_disabled: number;
      triggers_broken: number;
    };
    /** The process that answers, and what it stands on. */
    System: {
      version: string;
      node: string;
      /** When the process that answers began */
      started_at: string;
      /** Empty for all tenants but the one named `default` */
      config: ({
        name: string;
        value: string | null;
      })[];
      postgres: {
        is_up: boolean;
        version: string | null;
        /** Of the whole database */
        size_bytes: number | null;
        connections: (number) | (null);
      };
      temporal: {
        is_up: boolean;
        address: string;
        namespace: string;
        server_version: string | null;
        task_queues: ({
          name: string;
          /** Workers that asked for work in the last minutes */
          pollers: number;
          /** Tasks that wait for a worker, about */
          backlog: (number) | (null);
        })[];
      };
      /** Committed, and not yet taken by Temporal; null without PostgreSQL */
      unstarted: {
        deliveries: (number) | (null);
        trigger_runs: (number) | (null);
        replays: (number) | (null);
      };
      oldest_unstarted_at: (string) | (null);
    };
    /** Everything is in a state, and each death has a letter. */
    Accounting: {
      is_balanced: boolean;
      imbalances: ({
        rule: string;
        count: number;
        /** The first five */
        ids: (string)[];
      })[];
      /** By direction */
      events: Record<string, number>;
      /** By state, as the following */
      deliveries: Record<string, number>;
      trigger_runs: Record<string, number>;
      dead_letters: Record<string, number>;
      /** Runs and deliveries planned for its events, and how many there are */
      last_day: {
        events: number;
        planned: number;
        found: number;
      };
      /** By maintenance, by action of the audit log */
      corrections: Record<string, number>;
      /** Null when Temporal does not answer within 2 s */
      temporal: ({
        /** Each dead letter is a failed workflow, by count */
        matches: boolean;
        /** What ended before is not counted: Temporal may forget it */
        since: string;
        /** Failed and timed out workflows */
        failed_deliveries: number;
        failed_runs: number;
        /** Dead letters that have a workflow, in any state */
        dead_deliveries: number;
        dead_runs: number;
      }) | (null);
    };
    /** What is stored by day, and until when. */
    Retention: {
      /** How long they are kept, as `30d` */
      payloads: string;
      metadata: string;
      last_pass_at: (string) | (null);
      /** Oldest first; empty for all tenants but the one named `default` */
      days: ({
        /** UTC, as `2026-01-31` */
        day: string;
        /** Of all tenants, indexes included */
        bytes: number;
        payloads: "kept" | "dropped";
        payloads_due_at: string;
        metadata_due_at: string;
        /** Why a day that is due is still there; null = it is not held */
        held_by: ({
          deliveries: number;
          trigger_runs: number;
          dead_letters: number;
          sessions: number;
          replays: number;
        }) | (null);
      })[];
    };
    /** A request that was not verified or understood. */
    RejectedRequest: {
      id: string;
      integration_id: string;
      channel: "lark" | "wecom" | "gerrit" | "gitlab" | "github" | "gitee" | "generic";
      received_at: string;
      reason: "parameter_missing" | "duplicate_parameter" | "signature_missing" | "signature_malformed" | "signature_mismatch" | "timestamp_missing" | "timestamp_malformed" | "timestamp_out_of_tolerance" | "token_missing" | "token_mismatch" | "encryption_required" | "encrypt_key_missing" | "decrypt_failed" | "receive_id_mismatch" | "unsupported_content_type" | "unsupported_content_encoding" | "malformed_body" | "event_type_missing";
      status: number;
      /** What the sender was told to change */
      detail: string;
      /** What an operator does about it */
      what_to_do: string;
      /** Our clock minus the sender's timestamp */
      clock_difference_s: number | null;
      /** The first eight hex digits of each, decoded */
      received_signature: string | null;
      /** The same of what would match, one per valid secret */
      computed_signatures: (string)[];
      body_bytes: number;
      state: "kept" | "released";
      event_id: string | null;
      /** False when it was too large to be kept whole, or is released */
      is_releasable: boolean;
    };
    /** Secrets in it are replaced by `***`. */
    WholeRejectedRequest: {
      id: string;
      integration_id: string;
      channel: "lark" | "wecom" | "gerrit" | "gitlab" | "github" | "gitee" | "generic";
      received_at: string;
      reason: "parameter_missing" | "duplicate_parameter" | "signature_missing" | "signature_malformed" | "signature_mismatch" | "timestamp_missing" | "timestamp_malformed" | "timestamp_out_of_tolerance" | "token_missing" | "token_mismatch" | "encryption_required" | "encrypt_key_missing" | "decrypt_failed" | "receive_id_mismatch" | "unsupported_content_type" | "unsupported_content_encoding" | "malformed_body" | "event_type_missing";
      status: number;
      /** What the sender was told to change */
      detail: string;
      /** What an operator does about it */
      what_to_do: string;
      /** Our clock minus the sender's timestamp */
      clock_difference_s: number | null;
      /** The first eight hex digits of each, decoded */
      received_signature: string | null;
      /** The same of what would match, one per valid secret */
      computed_signatures: (string)[];
      body_bytes: number;
      state: "kept" | "released";
      event_id: string | null;
      /** False when it was too large to be kept whole, or is released */
      is_releasable: boolean;
      method: string;
      query: string;
      headers: Record<string, string>;
      /** The first 64 KiB; null when it is no text */
      body: string | null;
      /** Only when the body is no text */
      body_base64?: string;
    };
    ReleasedRequest: {
      id: string;
      event_id: string;
      status: "accepted" | "duplicate";
    };
    BulkRelease: {
      /** Of this call: at most 500, the newest first */
      matched: number;
      accepted: number;
      duplicate: number;
      refused: ({
        id: string;
        reason: string;
      })[];
      /** The `cursor` of the next call; null when all were looked at */
      next_cursor: string | null;
    };
    /** Which part of a request does not fit. */
    SignatureDiagnosis: {
      outcome: "verifies" | "explained" | "unexplained";
      /** What the ingress says */
      reason: ("method_not_allowed" | "body_too_large" | "parameter_missing" | "duplicate_parameter" | "signature_missing" | "signature_malformed" | "signature_mismatch" | "timestamp_missing" | "timestamp_malformed" | "timestamp_out_of_tolerance" | "token_missing" | "token_mismatch" | "encryption_required" | "encrypt_key_missing" | "decrypt_failed" | "receive_id_mismatch" | "unsupported_content_type" | "unsupported_content_encoding" | "malformed_body" | "event_type_missing") | (null);
      findings: ({
        code: "verifies" | "refused_otherwise" | "method" | "signature_missing" | "header_empty" | "header_twice" | "wrong_header" | "signature_in_query" | "label" | "encoding_hex" | "encoding_base64" | "encoding_base64url" | "encoding_twice" | "signature_cut_short" | "other_algorithm" | "body_reserialised" | "trailing_newline" | "line_endings" | "byte_order_mark" | "charset" | "form_field_signed" | "empty_body_signed" | "older_secret" | "other_kind" | "secret_blanks" | "secret_decoded" | "secret_literal" | "secret_encoded" | "secret_case" | "secret_not_set" | "url_encoded" | "secret_sent" | "timestamp_missing" | "timestamp_header" | "timestamp_format" | "timestamp_milliseconds" | "timestamp_seconds" | "timestamp_signed_otherwise" | "clock_behind" | "clock_ahead" | "body_alone" | "dot_missing" | "id_not_signed" | "standard_webhooks" | "not_hmac" | "other_scheme" | "other_user" | "part_missing" | "not_encrypted" | "encrypt_key_missing" | "decrypt_failed" | "receive_id" | "nothing_matched";
        title: string;
        detail: string;
        what_to_do: string;
        confidence: "certain" | "likely";
      })[];
      /** Digests that were made */
      tried: number;
      /** False when a limit ended the search */
      is_complete: boolean;
    };
    /** A dry run: nothing is started. */
    ReplayPreview: {
      planned: number;
      /** There are too many to ask a `filter` about each: reckoned from the newest */
      planned_is_estimate: boolean;
      /** `planned` at the rate */
      estimated_s: number;
      revision: "as_then" | "as_now";
      /** What it does with each of them, in words */
      will: string;
      /** What to confirm: `planned`; of an estimate the number that `filter` is asked about */
      confirm: number;
      /** Of those looked at, how many would fail: `filter` has no value for them */
      failures: number;
      /** The newest ten */
      sample: (components["schemas"]["ReplaySample"])[];
      /** The fifty most frequent types */
      per_type: ({
        event_type: string;
        count: number;
      })[];
    };
    /** One of what a replay would start again. */
    ReplaySample: {
      id: string;
      event_id: string;
      event_type: string;
      endpoint_id: string | null;
      trigger: string | null;
      /** `recorded` for an event, which has none */
      state: string;
      created_at: string;
    };
    /** The workflows of a timeframe are started again. */
    Replay: {
      id: string;
      state: "pending" | "running" | "paused" | "completed" | "cancelled" | "failed";
      filter: components["schemas"]["ReplayFilter"];
      /** By which revision of their triggers runs are started again */
      revision: "as_then" | "as_now";
      /** Each event goes to this one; null = everything goes where it went */
      target_endpoint_id: string | null;
      /** Next cycles (`keep`) or new deliveries */
      ids: "keep" | "new";
      /** Items per second */
      rate: number;
      planned: number;
      planned_is_estimate: boolean;
      done: number;
      failed: number;
      /** Of a completed one: planned, but not ended any more when their turn came */
      skipped: number;
      /** Of those done, how many got the input that their workflow had before */
      from_history: number;
      /** Of those done, how many got it from their row: Temporal keeps it no longer */
      from_row: number;
      per_minute: number;
      /** Where those started stand now, at most ten seconds ago; null but in `GET /v1/replays/{id}` */
      outcomes: ({
        succeeded: number;
        failed: number;
        under_way: number;
        /** Parked, cancelled or skipped */
        other: number;
      }) | (null);
      /** Null when it is paused or has ended */
      eta_s: (number) | (null);
      created_by: string | null;
      created_at: string;
      started_at: (string) | (null);
      paused_at: (string) | (null);
      ended_at: (string) | (null);
    };
    /** What a replay starts again; null = no condition. */
    ReplayFilter: {
      direction: "inbound" | "outbound";
      from: string;
      to: string;
      event_types: ((string)[]) | (null);
      endpoint_id: string | null;
      state: string | null;
      source: string | null;
      trigger_id: string | null;
      /** Only what failed in that replay, or has died since */
      replay_id: string | null;
      status_class: string | null;
      /** A CEL expression over the event */
      filter: string | null;
      /** What the endpoint that it sends to had asked for at its start */
      subscription: ({
        event_types: (string)[];
        filter: string | null;
      }) | (null);
    };
    /** What a replay started again, or could not. */
    ReplayItem: {
      /** The delivery or trigger run; of a replay to another endpoint, the event */
      id: string;
      state: "done" | "failed";
      /** The cycle that was opened */
      cycle: (number) | (null);
      /** The new delivery, when it made one */
      delivery_id: string | null;
      /** Where its input came from; null for a new delivery */
      origin: ("history" | "row") | (null);
      failure: string | null;
      created_at: string;
    };
    /** One YAML text: which events start what. */
    Trigger: {
      id: string;
      name: string;
      origin: "file" | "api";
      file: string | null;
      revision: number;
      is_active: boolean;
      /** Why the platform holds it */
      quarantine: string | null;
      problem: string | null;
      description: string | null;
      on: ({
        source: string;
        events: (string)[];
        /** Its name in a join */
        as: string | null;
      })[];
      join: ({
        by: Record<string, string>;
        within_s: number;
      }) | (null);
      action: (({
        kind: "workflow" | "session";
        name: string;
        }) | ({
        kind: "emit";
        type: string;
        }) | ({
        kind: "forward";
        url: string;
      })) | (null);
      dedupe: ({
        key: string;
        for_s: number;
      }) | (null);
      debounce: ({
        key: string | null;
        for_s: number;
      }) | (null);
      concurrency: ({
        key: string | null;
        limit: number;
        on_busy: "queue" | "skip" | "replace";
      }) | (null);
      throttle: ({
        key: string | null;
        limit: number;
        per_s: number;
      }) | (null);
      timeout_s: number | null;
      retry: ({
        attempts: number;
        backoff_s: number;
      }) | (null);
      mode: "active" | "shadow";
      created_at: string;
      /** Of the last 24 hours; counted up to 10000 */
      runs_24h: number;
      /** Of those, the failed ones */
      failures_24h: number;
      last_run_at: (string) | (null);
    };
    /** A trigger with its text. */
    TriggerWithText: {
      id: string;
      name: string;
      origin: "file" | "api";
      file: string | null;
      revision: number;
      is_active: boolean;
      /** Why the platform holds it */
      quarantine: string | null;
      problem: string | null;
      description: string | null;
      on: ({
        source: string;
        events: (string)[];
        /** Its name in a join */
        as: string | null;
      })[];
      join: ({
        by: Record<string, string>;
        within_s: number;
      }) | (null);
      action: (({
        kind: "workflow" | "session";
        name: string;
        }) | ({
        kind: "emit";
        type: string;
        }) | ({
        kind: "forward";
        url: string;
      })) | (null);
      dedupe: ({
        key: string;
        for_s: number;
      }) | (null);
      debounce: ({
        key: string | null;
        for_s: number;
      }) | (null);
      concurrency: ({
        key: string | null;
        limit: number;
        on_busy: "queue" | "skip" | "replace";
      }) | (null);
      throttle: ({
        key: string | null;
        limit: number;
        per_s: number;
      }) | (null);
      timeout_s: number | null;
      retry: ({
        attempts: number;
        backoff_s: number;
      }) | (null);
      mode: "active" | "shadow";
      created_at: string;
      /** Of the last 24 hours; counted up to 10000 */
      runs_24h: number;
      /** Of those, the failed ones */
      failures_24h: number;
      last_run_at: (string) | (null);
      /** As the current revision has it */
      text: string | null;
    };
    /** What a trigger said at some time. */
    TriggerRevision: {
      revision: number;
      created_at: string;
      /** Who saved it, as in the audit log; null = its file */
      created_by: string | null;
      text: string;
      is_current: boolean;
    };
    /** What is wrong with the text of a trigger. */
    TriggerValidation: {
      valid: boolean;
      problems: ({
        line: number;
        column: number;
        /** As `do.with.ref`; empty for the whole text */
        path: string;
        message: string;
      })[];
      /** null when the text is not valid */
      name: string | null;
      /** The names of the tests that stand in it */
      tests: (string)[];
    };
    /** What a trigger makes of an event; nothing is done. */
    TriggerDryRun: {
      fires: boolean;
      why: string;
      /** The smallest part of a condition that decided; null where none did */
      decisive: ({
        expression: string;
        /** Where it begins in its condition, in characters from 0 */
        offset: number;
        /** `false`, `true`, or `failed: ` and why */
        outcome: string;
        /** Of what it compares */
        values: ({
          expression: string;
          /** JSON, cut to 120 characters */
          value: string;
        })[];
      }) | (null);
      /** The keys under which a run would be guarded */
      guards: ({
        dedupe: string | null;
        debounce: string | null;
        concurrency: string | null;
        throttle: string | null;
        join: string | null;
        part: string | null;
      }) | (null);
      /** What it would do, evaluated */
      action: (({
        kind: "workflow";
        name: string;
        with: Record<string, unknown>;
        }) | ({
        kind: "session";
        name: string;
        key: string | null;
        with: Record<string, unknown>;
        }) | ({
        kind: "emit";
        type: string;
        with: Record<string, unknown>;
        }) | ({
        kind: "forward";
        url: string;
        with: (Record<string, unknown>) | (null);
      })) | (null);
      /** The reason with which a run would fail */
      failure: string | null;
      event: {
        /** null for a sample */
        id: string | null;
        source: string;
        type: string;
        received_at: string;
      };
    };
    /** What a trigger would have made of events, against the runs that there are. */
    TriggerBacktest: {
      /** Whose runs it is held against; null = the name is new */
      trigger_id: string | null;
      from: string;
      to: string;
      /** Looked at: those of the sources of the trigger */
      events: number;
      would_fire: number;
      fired: number;
      both: number;
      only_would: number;
      only_did: number;
      /** Of `would_fire`: an expression has no value */
      failures: number;
      /** Over 1 MiB: not judged, and counted nowhere else */
      skipped_large: number;
      /** The earliest events were not looked at */
      is_cut: boolean;
      /** The newest hundred */
      differences: ({
        event_id: string;
        event_type: string;
        received_at: string;
        would: boolean;
        did: ({
          run_id: string;
          state: "pending" | "running" | "succeeded" | "failed" | "cancelled" | "skipped";
        }) | (null);
        why: string;
        /** The smallest part of a condition that decided; null where none did */
        decisive: ({
          expression: string;
          /** Where it begins in its condition, in characters from 0 */
          offset: number;
          /** `false`, `true`, or `failed: ` and why */
          outcome: string;
          /** Of what it compares */
          values: ({
            expression: string;
            /** JSON, cut to 120 characters */
            value: string;
          })[];
        }) | (null);
      })[];
    };
    /** One trigger acting on one event. */
    TriggerRun: {
      id: string;
      trigger_id: string;
      trigger: string;
      revision: number;
      event_id: string;
      event_type: string;
      state: "pending" | "running" | "succeeded" | "failed" | "cancelled" | "skipped";
      reason: string | null;
      cycle: number;
      /** Its workflow in Temporal */
      workflow_id: string;
      created_at: string;
      /** When Temporal took the current cycle */
      started_at: (string) | (null);
      ended_at: (string) | (null);
    };
    /** A trigger run, and what holds it back. */
    TriggerRunWithGuards: {
      id: string;
      trigger_id: string;
      trigger: string;
      revision: number;
      event_id: string;
      event_type: string;
      state: "pending" | "running" | "succeeded" | "failed" | "cancelled" | "skipped";
      reason: string | null;
      cycle: number;
      /** Its workflow in Temporal */
      workflow_id: string;
      created_at: string;
      /** When Temporal took the current cycle */
      started_at: (string) | (null);
      ended_at: (string) | (null);
      /** What holds it back, of the current cycle; null = nothing does */
      guards: ({
        dedupe: string | null;
        debounce: string | null;
        concurrency: string | null;
        throttle: string | null;
        join: string | null;
        /** Which part of a join its event is */
        part: string | null;
        /** It waits for the other parts until */
        join_until: (string) | (null);
        /** When its throttle lets it begin */
        go_at: (string) | (null);
        /** When its guards let it begin */
        admitted_at: (string) | (null);
        /** The run that has taken its place */
        replaced_by: string | null;
      }) | (null);
      /** The events of its join that have come */
      parts: ({
        part: string;
        event_id: string;
      })[];
    };
    /** Issues of elsewhere, on their way into our table. */
    Import: {
      id: string;
      source: string;
      state: "pending" | "completed" | "cancelled" | "failed";
      /** All that were sent */
      item_count: number;
      /** Taken so far */
      count: number;
      error_count: number;
      created_at: string;
      started_at: (string) | (null);
      ended_at: (string) | (null);
    };
    /** An import with what could not be taken, and why. */
    ReadImport: {
      id: string;
      source: string;
      state: "pending" | "completed" | "cancelled" | "failed";
      /** All that were sent */
      item_count: number;
      /** Taken so far */
      count: number;
      error_count: number;
      created_at: string;
      started_at: (string) | (null);
      ended_at: (string) | (null);
      /** The first 100 */
      errors: ({
        pointer: string;
        detail: string;
      })[];
    };
    /** What a tenant means to spend in a day or a month. */
    Budget: {
      id: string;
      period: "day" | "month";
      amount: number;
      currency: string;
      created_at: string;
      /** As `2026-11-28` or `2026-11` */
      current_period: string;
      /** In the current period */
      spent: number;
      /** When more than the amount was spent in the current period */
      exceeded_at: (string) | (null);
    };
    /** An agent at work for somebody. */
    Session: {
      id: string;
      name: string;
      key: string | null;
      user_id: string;
      state: "active" | "finished" | "archived";
      /** The trigger run that opened it */
      run_id: string | null;
      /** The event of that run */
      event_id: string | null;
      /** What the agent was started with */
      input: unknown;
      entry_count: number;
      cost: number | null;
      currency: string | null;
      artifacts: ((unknown)[]) | (null);
      /** Why it was finished without a result */
      failure: string | null;
      created_at: string;
      /** Of its last entry */
      last_active_at: string;
      finished_at: (string) | (null);
      archived_at: (string) | (null);
    };
    /** Something that was said to a session, or that it did. */
    SessionEntry: {
      /** From 1, in the order in which entries were committed */
      number: number;
      kind: "event" | "step" | "tool" | "finish" | "archive" | "error";
      /** The agent's own, of what it reported */
      id: string | null;
      /** The event that reached the session, or the one that it published */
      event_id: string | null;
      data: unknown;
      at: string;
      /** Of an event: when the agent answered it */
      told_at: (string) | (null);
    };
    /** What opens the API; the key itself is kept nowhere. */
    ApiKey: {
      id: string;
      name: string;
      scopes: (string)[];
      created_at: string;
      /** To the minute */
      last_used_at: (string) | (null);
      expires_at: (string) | (null);
      revoked_at: (string) | (null);
    };
    /** An API key with the key itself. */
    CreatedApiKey: {
      id: string;
      name: string;
      scopes: (string)[];
      created_at: string;
      /** To the minute */
      last_used_at: (string) | (null);
      expires_at: (string) | (null);
      revoked_at: (string) | (null);
      /** Shown this once */
      key: string;
    };
    /** A link that logs a browser in, once. */
    LoginLink: {
      /** Whoever opens it first is logged in */
      url: string;
      expires_at: string;
    };
    /** What a person or a key did. */
    AuditEntry: {
      id: string;
      at: string;
      /** The id of an API key, `console` for a browser, or `start` */
      actor: string;
      /** `api_key.create`, … */
      action: string;
      /** The id of what it was done to */
      subject: string;
      detail: unknown;
    };
    AcknowledgedDelivery: {
      id: string;
      state: "pending" | "retrying" | "delivered" | "dead" | "parked" | "cancelled" | "skipped";
    };
  };
}
