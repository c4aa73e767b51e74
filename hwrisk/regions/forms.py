"""Forms of the regions."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import Length

from hwrisk.web import BaseForm, FileField, Filled


class OutlineForm(BaseForm):
    """Another set of outlines for the maps (更换界线)."""

    file = FileField("界线文件（GeoJSON）")
    source = StringField(
        "来源和审图号", [Filled("请填写界线的来源，有审图号的一并填写"), Length(max=400, message="不超过400字")]
    )
