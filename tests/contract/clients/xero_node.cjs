// Xero's SDK for Node, used as its documentation shows. Prints what it did, as JSON.
"use strict";

const assert = require("node:assert");
const http = require("node:http");
const { Account, AccountType, XeroClient } = require("xero-node");

const SCOPES = ["openid", "profile", "email", "offline_access", "accounting.settings"];
const REDIRECT = "http://localhost:3000/callback";

// Press "Allow access" on the consent page; return where the browser is sent.
function allow(consent) {
  const { origin, pathname, searchParams } = new URL(consent);
  searchParams.set("decision", "allow");
  return new Promise((resolve, reject) => {
    const request = http.request(origin + pathname, { method: "POST" }, (answer) => {
      answer.resume();
      resolve(answer.headers.location);
    });
    request.on("error", reject);
    request.end(searchParams.toString());
  });
}

async function signInAsPerson() {
  const xero = new XeroClient({
    clientId: "sandbox",
    clientSecret: "sandbox",
    redirectUris: [REDIRECT],
    scopes: SCOPES,
  });
  await xero.initialize();
  const tokens = await xero.apiCallback(await allow(await xero.buildConsentUrl()));
  const claims = tokens.claims();
  await xero.refreshToken();
  const renewed = xero.readTokenSet().access_token !== tokens.access_token;
  return [xero, { email: claims.email, scopes: tokens.scope, renewed }];
}

async function signInAsCustomConnection() {
  const xero = new XeroClient({
    clientId: "sandbox",
    clientSecret: "sandbox",
    grantType: "client_credentials",
  });
  const tokens = await xero.getClientCredentialsToken();
  return [xero, { scopes: tokens.scope }];
}

// Return the messages with which a call is refused.
async function refusal(call) {
  const error = await call().then(() => assert.fail("it was accepted"), (reason) => reason);
  return JSON.parse(error).response.body.Elements.flatMap((each) => each.ValidationErrors);
}

async function main() {
  const [xero, signedIn] =
    process.argv[2] === "person" ? await signInAsPerson() : await signInAsCustomConnection();
  const [tenant] = await xero.updateTenants();
  const api = xero.accountingApi;
  const id = tenant.tenantId;
  const only = (answer) => answer.body.accounts[0];

  const listed = (await api.getAccounts(id)).body.accounts;
  const banks = (await api.getAccounts(id, undefined, 'Type=="BANK"', "Name ASC")).body.accounts;
  const rates = (await api.getTaxRates(id)).body.taxRates;
  const expense = { code: "601", type: AccountType.EXPENSE };
  const created = only(await api.createAccount(id, { ...expense, name: "Workshops" }));
  const duplicate = await refusal(() => api.createAccount(id, { ...expense, name: "Sales" }));
  const update = async (fields) =>
    only(await api.updateAccount(id, created.accountID, { accounts: [fields] }));
  const updated = await update({ name: "Training" });
  const archived = await update({ status: Account.StatusEnum.ARCHIVED });
  const restored = await update({ status: Account.StatusEnum.ACTIVE });
  const deleted = only(await api.deleteAccount(id, created.accountID));
  console.log(
    JSON.stringify({
      signedIn, tenant, listed, banks, created, updated, archived, restored, deleted, duplicate,
      rates: rates.map((rate) => rate.taxType),
    }),
  );
}

main();
