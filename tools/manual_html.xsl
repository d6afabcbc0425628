<?xml version="1.0" encoding="UTF-8"?>
<!-- SPDX-License-Identifier: GPL-2.0-or-later -->
<!-- doc/ims_regmon.html from doc/ims_regmon.xml, one file with its style inside; text is made of it, too. The imported
     stylesheet is Debian's docbook-xsl, found by its name through the XML catalog. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="http://docbook.sourceforge.net/release/xsl/current/html/docbook.xsl"/>

<xsl:param name="section.autolabel" select="1"/>
<xsl:param name="toc.section.depth" select="2"/>
<xsl:param name="generate.toc">book toc,title</xsl:param>
<xsl:param name="table.borders.with.css" select="1"/>
<xsl:output method="html" encoding="UTF-8" indent="no"/>

<xsl:template name="user.head.content">
<meta name="viewport" content="width=device-width"/>
<style>
body { font: 16px/1.5 sans-serif; max-width: 62em; margin: 1em auto; padding: 0 1em; color: #222; background: #fff }
pre, code { font: 14px/1.4 monospace }
pre { background: #f3f4f6; padding: .6em .8em; overflow-x: auto }
table { border-collapse: collapse }
th, td { border: 1px solid #bbb; padding: .2em .5em; text-align: left; vertical-align: top }
.example-title, .example > .title { margin-bottom: 0 }
h3.title { margin-top: 2em }
@media (prefers-color-scheme: dark) {
	body { color: #ddd; background: #181a1f }
	pre { background: #23262d }
	a { color: #8ab4f8 }
}
</style>
</xsl:template>

<!-- the line end behind the opening tag is no line of the example -->
<xsl:template match="programlisting/text()|screen/text()">
<xsl:choose>
<xsl:when test="starts-with(., '&#10;')"><xsl:value-of select="substring(., 2)"/></xsl:when>
<xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
</xsl:choose>
</xsl:template>
</xsl:stylesheet>
