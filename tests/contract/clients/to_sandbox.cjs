// Preload (`node --require`): what is for Xero goes to the sandbox, and nothing goes elsewhere.
"use strict";

const http = require("node:http");
const https = require("node:https");
const { urlToHttpOptions } = require("node:url");

const sandbox = new URL(process.env.SANDBOX_URL);

function request(...asked) {
  const callback = typeof asked.at(-1) === "function" ? asked.pop() : undefined;
  const [first, second] = asked;
  const hasAddress = typeof first === "string" || first instanceof URL;
  const options = hasAddress ? { ...urlToHttpOptions(new URL(first)), ...second } : { ...first };
  const host = options.hostname || options.host;
  if (!host.endsWith(".xero.com")) throw new Error(`${host} is not Xero`);
  const { hostname, port } = sandbox;
  return http.request({ ...options, protocol: "http:", host: hostname, hostname, port, agent: undefined }, callback);
}

https.request = request;
https.get = (...asked) => request(...asked).end();
