/** The costs page with JavaScript: a chart of its days. */
import { drawTrend } from "./chart.ts";

drawTrend();
