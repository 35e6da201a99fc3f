/** What we use of Swagger UI, which brings no types of its own. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  const SwaggerUIBundle: (options: {
    url: string;
    dom_id: string;
    deepLinking: boolean;
    displayRequestDuration: boolean;
    defaultModelsExpandDepth: number;
    validatorUrl: null;
  }) => unknown;
  export default SwaggerUIBundle;
}
