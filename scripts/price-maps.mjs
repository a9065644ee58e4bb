/**
 * AWS's price list as its pricing pages and its calculator read it, one "metered unit map" a service
 * (b0.p.awsstatic.com/pricing/2.0/meteredUnitMaps/SERVICE/USD/current/SERVICE.json): for when the list itself can't be reached and
 * copies of these can. A map names a region, and a price by words instead of a usage type.
 *
 * The folder holds SERVICE.json as AWS has it; datatransfer.json and workspaces.json, which are over 4 MB, as
 * aws-price-watcher flattens them (price's words, then region, then dollars); and dates.json with the day of each of those two.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const address = (service) => `https://b0.p.awsstatic.com/pricing/2.0/meteredUnitMaps/${service}/USD/current/${service}.json`;

/** AWS's names of its commercial regions, as these maps have them. */
const regions = {
  "US East (N. Virginia)": "us-east-1",
  "US East (Ohio)": "us-east-2",
  "US West (N. California)": "us-west-1",
  "US West (Oregon)": "us-west-2",
  "Canada (Central)": "ca-central-1",
  "Canada West (Calgary)": "ca-west-1",
  "Mexico (Central)": "mx-central-1",
  "South America (Sao Paulo)": "sa-east-1",
  "EU (Ireland)": "eu-west-1",
  "EU (London)": "eu-west-2",
  "EU (Paris)": "eu-west-3",
  "EU (Frankfurt)": "eu-central-1",
  "EU (Zurich)": "eu-central-2",
  "EU (Stockholm)": "eu-north-1",
  "EU (Milan)": "eu-south-1",
  "EU (Spain)": "eu-south-2",
  "Israel (Tel Aviv)": "il-central-1",
  "Middle East (Bahrain)": "me-south-1",
  "Middle East (UAE)": "me-central-1",
  "Africa (Cape Town)": "af-south-1",
  "Asia Pacific (Hong Kong)": "ap-east-1",
  "Asia Pacific (Taipei)": "ap-east-2",
  "Asia Pacific (Tokyo)": "ap-northeast-1",
  "Asia Pacific (Seoul)": "ap-northeast-2",
  "Asia Pacific (Osaka)": "ap-northeast-3",
  "Asia Pacific (Singapore)": "ap-southeast-1",
  "Asia Pacific (Sydney)": "ap-southeast-2",
  "Asia Pacific (Jakarta)": "ap-southeast-3",
  "Asia Pacific (Melbourne)": "ap-southeast-4",
  "Asia Pacific (Malaysia)": "ap-southeast-5",
  "Asia Pacific (New Zealand)": "ap-southeast-6",
  "Asia Pacific (Thailand)": "ap-southeast-7",
  "Asia Pacific (Mumbai)": "ap-south-1",
  "Asia Pacific (Hyderabad)": "ap-south-2",
};
/** Edge areas as CloudFront's map has them; the three that cost the same to send from have SKUs that nothing here tells apart. */
const areas = {
  "United States": ["us", "VU3485RNDU6HBQF6"],
  Canada: ["ca", "VU3485RNDU6HBQF6"],
  EU: ["eu", "VU3485RNDU6HBQF6"],
  "South America": ["sa", "ZT3N6V49SHDM9P3G"],
  "South Africa": ["za", "ZT3N6V49SHDM9P3G"],
  "Middle East": ["me", "ZT3N6V49SHDM9P3G"],
  Japan: ["jp", "CME9BRJSS2F5PBYE"],
  Australia: ["au", "8JNNPNBQD9DSHV5K"],
  "Asia Pacific": ["ap", "A86N9S7CGUKZHH8P"],
  India: ["in", "XVZYVSAH88373VKR"],
};
/** By price: the words for each tier, and where it starts. */
const words = {
  lambda: {
    lambdaRequest: [["0", "Lambda Requests-ARM"]],
    lambdaGbSecondArm: [
      ["0", "Lambda Duration-ARM"],
      ["7500000000", "Lambda Duration-ARM Tier2"],
      ["18750000000", "Lambda Duration-ARM Tier3"],
    ],
  },
  apigateway: {
    httpApiRequest: [
      ["0", "ApiGatewayHttpApi First 300 million"],
      ["300000000", "ApiGatewayHttpApi more than 300 million"],
    ],
  },
  dynamodb: {
    dynamodbRead: [["0", "PayPerRequest Read Request Units"]],
    dynamodbWrite: [["0", "PayPerRequest Write Request Units"]],
    dynamodbStorage: [["0", "Data Storage Indexed GB-Mo"]],
    dynamodbPitr: [["0", "PITR Backup Storage GB-Mo"]],
  },
  s3: {
    s3Storage: [
      ["0", "Standard Storage First 50 TB per GB Mo"],
      ["51200", "Standard Storage Next 450 TB per GB Mo"],
      ["512000", "Standard Storage Over 500 TB per GB Mo"],
    ],
    s3Put: [["0", "PUT COPY/POST or LIST requests per Requests"]],
    s3Get: [["0", "GET and all other requests per Requests"]],
  },
  cloudwatch: {
    logsIngest: [
      ["0", "Vended Logs First 10TB"],
      ["10240", "Vended Logs Next 20TB"],
      ["30720", "Vended Logs Next Next 20TB"],
      ["51200", "Vended Logs over 50TB"],
    ],
    logsStorage: [["0", "Stored Data"]],
  },
};
const offers = {
  lambda: "AWSLambda",
  apigateway: "AmazonApiGateway",
  dynamodb: "AmazonDynamoDB",
  s3: "AmazonS3",
  cloudwatch: "AmazonCloudWatch",
  datatransfer: "AWSDataTransfer",
  cloudfront: "AmazonCloudFront",
  workspaces: "AmazonWorkSpaces",
};

/** What `readPriceList` gives of AWS's list, of a folder of maps. */
export function readMaps(folder) {
  const read = (service) => JSON.parse(readFileSync(join(folder, `${service}.json`), "utf8"));
  const dates = read("dates");
  return Object.entries(offers).map(([service, offer]) => {
    const map = read(service);
    const places = {};
    const unclear = [];
    /** Whole, or told and left out. */
    const put = (place, name, tiers) => {
      if (tiers.every(([, dollars]) => dollars === undefined)) return;
      if (tiers.every(([, dollars]) => /^\d+(\.\d+)?$/.test(dollars ?? "")))
        places[place] = { ...places[place], [name]: tiers.map(([from, dollars]) => [from, plain(dollars)]) };
      else unclear.push({ place, name });
    };
    if (service === "datatransfer") transferOut(map, put);
    else if (service === "workspaces") workSpaces(map, put);
    else if (service === "cloudfront") cloudFront(map, put);
    else
      for (const [title, place] of Object.entries(regions))
        for (const [name, tiers] of Object.entries(words[service]))
          put(
            place,
            name,
            tiers.map(([from, text]) => [from, map.regions[title]?.[text]?.price]),
          );
    return { offer, published: map.manifest?.hawkFilePublicationDate ?? dates[service], source: address(service), prices: { places, unclear } };
  });
}
const plain = (dollars) => (dollars.includes(".") ? dollars.replace(/\.?0+$/, "") : dollars);

function transferOut(map, put) {
  const tiers = [
    ["0", "10240", "Next 10 TB"],
    ["10240", "51200", "Next 40 TB"],
    ["51200", "153600", "Next 100 TB"],
    ["153600", "Inf", "Greater than 150 TB"],
  ];
  const of = (title, [from, until, text]) => map[`DataTransfer External Outbound ${text}`]?.[`${title} (StartingRange: ${from}, EndingRange: ${until})`];
  for (const [title, place] of Object.entries(regions))
    put(
      place,
      "transferOut",
      tiers.map((tier) => [tier[0], of(title, tier)]),
    );
}

function workSpaces(map, put) {
  const bundles = [
    ["workSpaceMonth", "AlwaysOn", "month"],
    ["workSpaceBase", "AutoStop", "month"],
    ["workSpaceHour", "AutoStop", "hour"],
  ];
  for (const [name, mode, per] of bundles) {
    const bundle = `Windows Standard 2vCPU 4 GB Memory Root and User Volume80 GB 50 GB ${mode} Billed by the ${per} License Included`;
    const [words, another] = Object.keys(map).filter((one) => one.startsWith(`[Windows Standard ${mode} Billed by the ${per} Included] ${bundle}`));
    if (words === undefined || another !== undefined) throw new Error(`workspaces.json has not one price for ${bundle}`);
    for (const [where, dollars] of Object.entries(map[words])) {
      const place = regions[where.split(" (RootVolume: ")[0]];
      if (place) put(place, name, [["0", dollars]]);
    }
  }
}

function cloudFront({ regions: listed }, put) {
  const sent = Object.entries(listed[""]).filter(([text]) => text.endsWith(" Transfer"));
  for (const [title, [area, sku]] of Object.entries(areas)) {
    const place = `cloudfront-${area}`;
    const tiers = sent.flatMap(([, one]) => (one.rateCode.startsWith(`${sku}.`) ? [{ until: one["Per Month"], dollars: one.price }] : []));
    tiers.sort((a, b) => (a.until === "Inf" ? 1 : b.until === "Inf" ? -1 : a.until - b.until));
    put(
      place,
      "cloudFrontOut",
      tiers.map(({ dollars }, at) => [at === 0 ? "0" : tiers[at - 1].until, dollars]),
    );
    put(place, "cloudFrontHttps", [["0", listed[title]?.["CloudFront Request-Tier2 HTTPS GET and HEAD requests"]?.price]]);
  }
}
