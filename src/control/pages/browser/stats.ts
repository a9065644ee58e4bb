/** The stats page with JavaScript: a chart of the costs, and figures that stay fresh. */
import { drawTrend } from "./chart.ts";
import { keepFresh } from "./refresh.ts";

drawTrend();
keepFresh(drawTrend);
