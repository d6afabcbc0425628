<?xml version="1.0" encoding="UTF-8"?>
<!-- SPDX-License-Identifier: GPL-2.0-or-later -->
<!-- doc/manual.md from doc/ims_regmon.xml, for those who read the sources in a browser or an editor. Knows the elements
     that the manual has, and stops at any other. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="text" encoding="UTF-8"/>
<xsl:strip-space elements="*"/>

<xsl:template match="/book">
<xsl:text># Manual

Written by `make docs` from doc/ims_regmon_admin.xml and the code; do not edit. `make manual` makes HTML and text of the same.
</xsl:text>
<xsl:apply-templates select="chapter/section"/>
</xsl:template>

<!-- ==== blocks: each begins with an empty line ==== -->

<xsl:template match="section">
<xsl:text>&#10;#</xsl:text>
<xsl:for-each select="ancestor-or-self::section">#</xsl:for-each>
<xsl:text> </xsl:text>
<xsl:apply-templates select="title" mode="heading"/>
<xsl:text>&#10;</xsl:text>
<xsl:apply-templates select="*[not(self::title)]"/>
</xsl:template>

<xsl:template match="title" mode="heading">
<xsl:variable name="text"><xsl:apply-templates/></xsl:variable>
<xsl:value-of select="normalize-space($text)"/>
</xsl:template>

<xsl:template match="para">
<xsl:variable name="text"><xsl:apply-templates/></xsl:variable>
<xsl:text>&#10;</xsl:text>
<xsl:value-of select="normalize-space($text)"/>
<xsl:text>&#10;</xsl:text>
</xsl:template>

<xsl:template match="itemizedlist">
<xsl:text>&#10;</xsl:text>
<xsl:for-each select="listitem">
<xsl:variable name="text"><xsl:apply-templates select="para/node()"/></xsl:variable>
<xsl:text>- </xsl:text>
<xsl:value-of select="normalize-space($text)"/>
<xsl:text>&#10;</xsl:text>
</xsl:for-each>
</xsl:template>

<xsl:template match="informaltable">
<xsl:text>&#10;</xsl:text>
<xsl:apply-templates select="tgroup/thead/row"/>
<xsl:text>|</xsl:text>
<xsl:for-each select="tgroup/thead/row/entry">---|</xsl:for-each>
<xsl:text>&#10;</xsl:text>
<xsl:apply-templates select="tgroup/tbody/row"/>
</xsl:template>

<xsl:template match="row">
<xsl:text>|</xsl:text>
<xsl:for-each select="entry">
<xsl:variable name="text"><xsl:apply-templates/></xsl:variable>
<xsl:value-of select="concat(' ', normalize-space($text), ' |')"/>
</xsl:for-each>
<xsl:text>&#10;</xsl:text>
</xsl:template>

<xsl:template match="example">
<xsl:apply-templates select="programlisting|screen"/>
</xsl:template>

<xsl:template match="programlisting|screen">
<xsl:text>&#10;</xsl:text>
<xsl:call-template name="indented">
<xsl:with-param name="text" select="substring-after(., '&#10;')"/>
<xsl:with-param name="is-first" select="1"/>
</xsl:call-template>
</xsl:template>

<!-- A "..." in front of an excerpt and behind it says nothing here. -->
<xsl:template name="indented">
<xsl:param name="text"/>
<xsl:param name="is-first"/>
<xsl:if test="contains($text, '&#10;')">
<xsl:variable name="line" select="substring-before($text, '&#10;')"/>
<xsl:variable name="rest" select="substring-after($text, '&#10;')"/>
<xsl:if test="self::screen or $line != '...' or (not($is-first) and $rest != '')">
<xsl:if test="$line != ''">
<xsl:value-of select="concat('    ', $line)"/>
</xsl:if>
<xsl:text>&#10;</xsl:text>
</xsl:if>
<xsl:call-template name="indented">
<xsl:with-param name="text" select="$rest"/>
<xsl:with-param name="is-first" select="0"/>
</xsl:call-template>
</xsl:if>
</xsl:template>

<!-- ==== words ==== -->

<xsl:template match="literal|function|varname|filename">
<xsl:value-of select="concat('`', normalize-space(.), '`')"/>
</xsl:template>

<xsl:template match="emphasis">
<xsl:text>*</xsl:text>
<xsl:apply-templates/>
<xsl:text>*</xsl:text>
</xsl:template>

<xsl:template match="ulink">
<xsl:text>[</xsl:text>
<xsl:apply-templates/>
<xsl:value-of select="concat('](', @url, ')')"/>
</xsl:template>

<!-- headings get their anchors from their words -->
<xsl:template match="link">
<xsl:variable name="title" select="//section[@id = current()/@linkend]/title"/>
<xsl:if test="not($title)">
<xsl:message terminate="yes">manual_markdown: no section <xsl:value-of select="@linkend"/></xsl:message>
</xsl:if>
<xsl:text>[</xsl:text>
<xsl:apply-templates/>
<xsl:text>](#</xsl:text>
<xsl:value-of select="translate(normalize-space($title),
	&quot; ABCDEFGHIJKLMNOPQRSTUVWXYZ'()[].,:&quot;, '-abcdefghijklmnopqrstuvwxyz')"/>
<xsl:text>)</xsl:text>
</xsl:template>

<xsl:template match="text()">
<xsl:call-template name="escaped"><xsl:with-param name="text" select="."/></xsl:call-template>
</xsl:template>

<!-- what Markdown would take for its own -->
<xsl:template name="escaped">
<xsl:param name="text"/>
<xsl:variable name="special" select="translate($text, translate($text, '*&lt;|`', ''), '')"/>
<xsl:choose>
<xsl:when test="$special = ''"><xsl:value-of select="$text"/></xsl:when>
<xsl:otherwise>
<xsl:variable name="first" select="substring($special, 1, 1)"/>
<xsl:value-of select="concat(substring-before($text, $first), '\', $first)"/>
<xsl:call-template name="escaped">
<xsl:with-param name="text" select="substring-after($text, $first)"/>
</xsl:call-template>
</xsl:otherwise>
</xsl:choose>
</xsl:template>

<xsl:template match="*">
<xsl:message terminate="yes">manual_markdown: cannot do &lt;<xsl:value-of select="name()"/>&gt;</xsl:message>
</xsl:template>
</xsl:stylesheet>
